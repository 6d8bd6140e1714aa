// The shared preparation of element-wise operators of one operand.
#include "ops/unary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "ops/affine.h"
#include "ops/half.ref.h"
#include "ops/in_parts.h"

namespace tulle::ops {
namespace {

struct Ends {
  Affine in, out;
};

Result<Ends> ends(const Site& site) {
  TULLE_TRY(const Affine in, affine(site, site.in(0), "input 0"));
  TULLE_TRY(const Affine out, affine(site, site.out(0), "output 0"));
  return Ends{in, out};
}

/// A kernel that looks 16-bit codes up in a table.
Kernel look_up_i16(const Site& site, const tulle_table_i16& table) {
  return [table, count = static_cast<int32_t>(site.in(0).elements())](const Io& io) -> Result<void> {
    tulle_ref_lookup_i16(&table, io.in<int16_t>(0), io.out<int16_t>(0), count);
    return {};
  };
}

template <class T>
Result<tulle_table_8> table_of_256(const Site& site, UnaryF32 loop) {
  TULLE_TRY(const Ends q, ends(site));
  constexpr int kMin = std::numeric_limits<T>::min(), kMax = std::numeric_limits<T>::max();
  std::array<float, 256> reals;
  for (int i = 0; i < 256; ++i) reals[i] = q.in.scale * static_cast<float>(kMin + i - q.in.zero_point);
  loop(reals.data(), reals.data(), 256);
  const float inverse = 1.0f / q.out.scale;
  tulle_table_8 table;
  for (int i = 0; i < 256; ++i) {
    const float code = std::round(reals[i] * inverse) + static_cast<float>(q.out.zero_point);
    table.answers[static_cast<uint8_t>(kMin + i)] = static_cast<uint8_t>(static_cast<T>(code >= kMax  ? kMax
                                                                                        : code > kMin ? code
                                                                                                      : kMin));
  }
  return table;
}

Result<tulle_table_i16> table_of_513(const Site& site, UnaryF32 loop) {
  TULLE_TRY(const Ends q, ends(site));
  constexpr int kSteps = 512;
  constexpr float kMin = INT16_MIN, kMax = INT16_MAX;
  const auto real = [](Affine scale, int code) { return scale.scale * static_cast<float>(code - scale.zero_point); };
  const float first = real(q.in, INT16_MIN), last = real(q.in, INT16_MAX);
  const float lowest = real(q.out, INT16_MIN), highest = real(q.out, INT16_MAX);
  const float step = (last - first) / kSteps, half_step = step / 2;
  // The ends of the lines at even places, their middles between; the last code of all in the end.
  std::array<float, 2 * kSteps + 2> reals;
  for (int i = 0; i <= kSteps; ++i) {
    reals[2 * i] = first + static_cast<float>(i) * step;
    reals[2 * i + 1] = reals[2 * i] + half_step;
  }
  reals[2 * kSteps + 1] = last;
  loop(reals.data(), reals.data(), static_cast<int32_t>(reals.size()));
  for (float& y : reals)
    if (!std::isfinite(y)) y = y > 0 ? highest : lowest;
  const float inverse = 65536.0f / (highest - lowest);
  tulle_table_i16 table;
  for (int i = 0; i < kSteps; ++i) {
    const float code = std::round(reals[2 * i] * inverse);
    const float line = std::round((reals[2 * i + 2] * inverse + code) / 2);
    const float bias = std::round((line - std::round(reals[2 * i + 1] * inverse)) / 2);
    table.at[i] = static_cast<int16_t>(std::clamp(code - bias, kMin, kMax));
  }
  table.at[kSteps] = static_cast<int16_t>(std::clamp(std::round(reals[2 * kSteps + 1] * inverse), kMin, kMax));
  return table;
}

/// The loop on 16-bit floats, a chunk at a time.
Kernel narrow(const Site& site, UnaryF32 loop, float (*widen)(uint16_t), uint16_t (*round)(float)) {
  return [loop, widen, round, count = site.in(0).elements()](const Io& io) -> Result<void> {
    const uint16_t* x = io.in<uint16_t>(0);
    uint16_t* y = io.out<uint16_t>(0);
    float chunk[256];
    for (int64_t at = 0; at < count; at += 256) {
      const int32_t size = static_cast<int32_t>(std::min<int64_t>(256, count - at));
      std::transform(x + at, x + at + size, chunk, widen);
      loop(chunk, chunk, size);
      std::transform(chunk, chunk + size, y + at, round);
    }
    return {};
  };
}

}  // namespace

Result<void> same_shape(Site& site) { return site.set_shape(0, site.in(0).shape); }

Result<Kernel> unary(Site& site, UnaryF32 loop, FastF32 fast) {
  switch (site.in(0).dtype) {
    case DType::kInt8: {
      TULLE_TRY(const auto table, table_of_256<int8_t>(site, loop));
      return look_up(site, table);
    }
    case DType::kUint8: {
      TULLE_TRY(const auto table, table_of_256<uint8_t>(site, loop));
      return look_up(site, table);
    }
    case DType::kInt16: {
      TULLE_TRY(const auto table, table_of_513(site, loop));
      return look_up_i16(site, table);
    }
    case DType::kFloat16: return narrow(site, loop, tulle_from_f16, tulle_to_f16);
    case DType::kBfloat16: return narrow(site, loop, tulle_from_bf16, tulle_to_bf16);
    default: break;
  }
  const int64_t count = site.in(0).elements();
  if (fast != nullptr && site.float_kernels() != nullptr) return by_kernel(site, fast);
  return [loop, count](const Io& io) -> Result<void> {
    in_parts(io, count, 1, [&](int64_t at, int64_t size, int) {
      loop(io.in<float>(0) + at, io.out<float>(0) + at, static_cast<int32_t>(size));
    });
    return {};
  };
}

Kernel by_kernel(const Site& site, FastF32 fast, int input) {
  return [run = site.float_kernels()->*fast, input, count = site.out(0).elements()](const Io& io) -> Result<void> {
    in_parts(io, count, 1,
             [&](int64_t at, int64_t size, int) { run(io.in<float>(input) + at, io.out<float>(0) + at, size); });
    return {};
  };
}

Kernel look_up(const Site& site, const tulle_table_8& table, int input) {
  return [table, input, with = site.kernels, count = site.in(input).elements()](const Io& io) -> Result<void> {
    const uint8_t* x = io.in<uint8_t>(input);
    uint8_t* y = io.out<uint8_t>(0);
    in_parts(io, count, 1, [&](int64_t at, int64_t size, int) {
      if (with != nullptr)
        with->lookup(table.answers, x + at, y + at, size);
      else
        tulle_ref_lookup_8(&table, x + at, y + at, static_cast<int32_t>(size));
    });
    return {};
  };
}

}  // namespace tulle::ops
