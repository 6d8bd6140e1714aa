// CAST: numbers of one type as numbers of another.
#include "ops/cast.ref.h"

#include <algorithm>
#include <cstring>

#include "ops/in_parts.h"
#include "ops/packed.ref.h"
#include "ops/unary.h"

namespace tulle::ops {
namespace {

/// What is to be known about a type. One of the two ways to widen it is null.
struct Conversion {
  DType type;
  tulle_widen_integers integers;
  tulle_widen_reals reals;
  tulle_narrow_integers from_integers;
  tulle_narrow_reals from_reals;
};
#define TULLE_INTEGER(TYPE, TAG) \
  {DType::TYPE, tulle_ref_widen_##TAG, nullptr, tulle_ref_narrow_integers_##TAG, tulle_ref_narrow_reals_##TAG}
#define TULLE_REAL(TYPE, TAG) \
  {DType::TYPE, nullptr, tulle_ref_widen_##TAG, tulle_ref_narrow_integers_##TAG, tulle_ref_narrow_reals_##TAG}
constexpr Conversion kConversions[] = {
    TULLE_INTEGER(kInt8, i8),    TULLE_INTEGER(kUint8, u8),   TULLE_INTEGER(kInt16, i16),  TULLE_INTEGER(kUint16, u16),
    TULLE_INTEGER(kInt32, i32),  TULLE_INTEGER(kUint32, u32), TULLE_INTEGER(kInt64, i64),  TULLE_INTEGER(kBool, bool),
    TULLE_REAL(kFloat32, f32),   TULLE_REAL(kFloat16, f16),   TULLE_REAL(kBfloat16, bf16), TULLE_REAL(kFloat64, f64),
    TULLE_REAL(kComplex64, c64),
};

const Conversion& conversion(DType type) { return *std::ranges::find(kConversions, type, &Conversion::type); }

/// Elements converted at a time.
constexpr int64_t kChunk = 256;

Kernel convert(const Conversion& from, const Conversion& to, int64_t count) {
  return [=, in_bytes = bits(from.type) / 8, out_bytes = bits(to.type) / 8](const Io& io) -> Result<void> {
    const std::byte* x = io.in<std::byte>(0);
    std::byte* y = io.out<std::byte>(0);
    const auto chunk = [&](int64_t at) {
      const auto size = static_cast<int32_t>(std::min(kChunk, count - at));
      if (from.integers != nullptr) {
        int64_t wide[kChunk];
        from.integers(x + at * in_bytes, wide, size);
        to.from_integers(wide, y + at * out_bytes, size);
      } else {
        double wide[kChunk];
        from.reals(x + at * in_bytes, wide, size);
        to.from_reals(wide, y + at * out_bytes, size);
      }
    };
    in_parts(io, (count + kChunk - 1) / kChunk, kChunk, [&](int64_t first, int64_t chunks, int) {
      for (int64_t i = first; i < first + chunks; ++i) chunk(i * kChunk);
    });
    return {};
  };
}

/// Packed codes of 4 or 2 bits to float32.
Kernel unpack(int64_t count, int width) {
  return [=](const Io& io) -> Result<void> {
    const uint8_t* x = io.in<uint8_t>(0);
    float* y = io.out<float>(0);
    int8_t codes[kChunk];
    for (int64_t at = 0; at < count; at += kChunk) {
      const int64_t size = std::min(kChunk, count - at);
      tulle_unpack(x + at * width / 8, width, size, codes);
      std::copy_n(codes, size, y + at);
    }
    return {};
  };
}

/// float32 to packed codes of `width` bits from `low` to `high`: cut towards zero, the nearer end beyond them.
Kernel pack(int64_t count, int width, float low, float high) {
  return [=](const Io& io) -> Result<void> {
    const float* x = io.in<float>(0);
    uint8_t* y = io.out<uint8_t>(0);
    const int in_a_byte = 8 / width, mask = (1 << width) - 1;
    for (int64_t at = 0; at < count; at += in_a_byte) {
      int byte = 0;
      for (int64_t i = at; i < std::min(at + in_a_byte, count); ++i) {
        const float v = x[i] < high ? x[i] : high;
        byte |= (static_cast<int>(v < low ? low : v) & mask) << ((i - at) * width);
      }
      *y++ = static_cast<uint8_t>(byte);
    }
    return {};
  };
}

Result<Kernel> prepare(Site& site) {
  const DType from = site.in(0).dtype, to = site.out(0).dtype;
  const int64_t count = site.in(0).elements();
  if (from == to)
    return [bytes = site.in(0).bytes](const Io& io) -> Result<void> {
      if (bytes > 0) std::memmove(io.out<std::byte>(0), io.in<std::byte>(0), bytes);
      return {};
    };
  if (bits(from) < 8) return unpack(count, bits(from));
  switch (to) {
    case DType::kInt4: return pack(count, 4, -8, 7);
    case DType::kUint4: return pack(count, 4, 0, 15);
    case DType::kInt2: return pack(count, 2, -2, 1);
    default: return convert(conversion(from), conversion(to), count);
  }
}

}  // namespace

extern const Op op_cast = {
    .types =
        "A > B : A=f32 f16 bf16 f64 i8 u8 i16 u16 i32 u32 i64 bool c64 B=f32 f16 bf16 f64 i8 u8 i16 u16 i32 u32 i64 "
        "bool c64; "
        "i4|i2 > f32; f32 > i4|u4|i2",
    .shape = same_shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
