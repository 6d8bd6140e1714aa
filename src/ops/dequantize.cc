// DEQUANTIZE: codes of any width to reals, for a tensor as a whole or along an axis; the small floats to float32.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "ops/channels.h"
#include "ops/half.ref.h"
#include "ops/loops.h"
#include "ops/packed.ref.h"
#include "ops/unary.h"

namespace tulle::ops {
namespace {

template <class T>
Result<Kernel> from_codes(Site& site, void (*loop)(const T*, const tulle_channels*, float*)) {
  using Limits = std::numeric_limits<T>;
  TULLE_TRY(Channels by, channels(site, site.in(0), Limits::min(), Limits::max(), "input"));
  return [loop, by = std::move(by)](const Io& io) -> Result<void> {
    run_channels(io, by, loop);
    return {};
  };
}

/// 4- and 2-bit codes go through a byte each.
Result<Kernel> from_packed(Site& site) {
  const DType type = site.in(0).dtype;
  const int width = bits(type);
  const int64_t low = type == DType::kUint4 ? 0 : -(1 << (width - 1)), high = low + (1 << width) - 1;
  TULLE_TRY(Channels by, channels(site, site.in(0), low, high, "input"));
  const int64_t count = site.in(0).elements();
  const auto codes = static_cast<size_t>(site.scratch(static_cast<uint64_t>(count)));
  return [=, by = std::move(by)](const Io& io) -> Result<void> {
    const tulle_channels view = by.view();
    std::byte* q = io.scratch[codes];
    if (type == DType::kUint4) {
      tulle_unpack_u4(io.in<uint8_t>(0), count, reinterpret_cast<uint8_t*>(q));
      loops(site).tulle_ref_dequantize_u8(reinterpret_cast<uint8_t*>(q), &view, io.out<float>(0));
    } else {
      tulle_unpack(io.in<uint8_t>(0), width, count, reinterpret_cast<int8_t*>(q));
      loops(site).tulle_ref_dequantize_i8(reinterpret_cast<int8_t*>(q), &view, io.out<float>(0));
    }
    return {};
  };
}

Kernel from_half(const Site& site, float (*widen)(uint16_t)) {
  return [widen, count = site.in(0).elements()](const Io& io) -> Result<void> {
    const uint16_t* x = io.in<uint16_t>(0);
    float* y = io.out<float>(0);
    in_parts(io, count, 1,
             [&](int64_t at, int64_t size, int) { std::transform(x + at, x + at + size, y + at, widen); });
    return {};
  };
}

/// 8-bit floats: E5M2 is the upper byte of a half; E4M3FN has bias 7, no infinity, and NaN where all bits are set.
float widen_quarter(DType type, int code) {
  if (type == DType::kFloat8E5M2) return tulle_from_f16(static_cast<uint16_t>(code << 8));
  const int exponent = code >> 3 & 15, mantissa = code & 7;
  const float magnitude = exponent == 15 && mantissa == 7 ? std::numeric_limits<float>::quiet_NaN()
                          : exponent == 0                 ? std::ldexp(static_cast<float>(mantissa), -9)
                                                          : std::ldexp(static_cast<float>(8 + mantissa), exponent - 10);
  return std::copysign(magnitude, code & 0x80 ? -1.0f : 1.0f);
}

Kernel from_quarter(const Site& site) {
  std::array<float, 256> reals;
  for (int i = 0; i < 256; ++i) reals[static_cast<size_t>(i)] = widen_quarter(site.in(0).dtype, i);
  return [reals, count = site.in(0).elements()](const Io& io) -> Result<void> {
    const uint8_t* x = io.in<uint8_t>(0);
    float* y = io.out<float>(0);
    for (int64_t i = 0; i < count; ++i) y[i] = reals[x[i]];
    return {};
  };
}

}  // namespace

extern const Op op_dequantize = {
    .types = "i2|i4|u4|i8|u8|i16|u16|f16|bf16|f8e4|f8e5 > f32",
    .shape = same_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      switch (site.in(0).dtype) {
        case DType::kInt8: return from_codes(site, loops(site).tulle_ref_dequantize_i8);
        case DType::kUint8: return from_codes(site, loops(site).tulle_ref_dequantize_u8);
        case DType::kInt16: return from_codes(site, tulle_ref_dequantize_i16);
        case DType::kUint16: return from_codes(site, tulle_ref_dequantize_u16);
        case DType::kFloat16: return from_half(site, tulle_from_f16);
        case DType::kBfloat16: return from_half(site, tulle_from_bf16);
        case DType::kFloat8E4M3FN:
        case DType::kFloat8E5M2: return from_quarter(site);
        default: return from_packed(site);
      }
    },
};

}  // namespace tulle::ops
