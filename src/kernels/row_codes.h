// Rows of floats to 8-bit codes of their range. Included by *.simd.cc alone.
#pragma once

#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

/// The least and the largest of 0 and the elements that are numbers.
TULLE_INLINE void row_range(const float* x, int64_t count, float* low, float* high) {
  constexpr int kStep = 4;
  F32 least[kStep] = {}, most[kStep] = {};
  const auto add = [&](int v, F32 at) __attribute__((always_inline)) {
    least[v] = min(least[v], at);
    most[v] = max(most[v], at);
  };
  int64_t i = 0;
  for (; i + kStep * kLanes <= count; i += kStep * kLanes)
#pragma GCC unroll 4
    for (int v = 0; v < kStep; ++v) add(v, load<F32>(x + i + v * kLanes));
  for (; i + kLanes <= count; i += kLanes) add(0, load<F32>(x + i));
  if (i < count) add(0, load_part<F32>(x + i, static_cast<int>(count - i)));
  for (int v = 1; v < kStep; ++v) {
    least[0] = min(least[0], least[v]);
    most[0] = max(most[0], most[v]);
  }
  *low = *high = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    *low = least[0][lane] < *low ? least[0][lane] : *low;
    *high = most[0][lane] > *high ? most[0][lane] : *high;
  }
}

/// q = cut(x * inverse, a half farther from 0) + zero_point, from low to 127; low for what is no number.
TULLE_INLINE void row_codes(const float* x, int64_t count, float inverse, int32_t zero_point, int32_t low, int8_t* q) {
  constexpr int kStep = 2 * kLanes;
  const F32 by = fill(inverse), half = fill(0.5f), most = fill(1024.0f);
  const I16 zero = fill16(static_cast<int16_t>(zero_point));
  const I16 least = fill16(static_cast<int16_t>(low)), last = fill16(127);
  const auto cut = [&](F32 at) __attribute__((always_inline)) {
    const F32 real = at * by, away = real + with_sign(half, real);
    const F32 above = away > -most ? away : -most;  // NaN falls below every code
    return __builtin_convertvector(above < most ? above : most, I32);
  };
  const auto codes = [&](const float* from) __attribute__((always_inline)) {
    const I16 wide = narrow(cut(load<F32>(from)), cut(load<F32>(from + kLanes))) + zero;
    return low_bytes(min(max(wide, least), last));
  };
  int64_t i = 0;
  for (; i + kStep <= count; i += kStep) store(q + i, codes(x + i));
  if (i == count) return;
  float rest[kStep] = {};
  const auto left = static_cast<int>(count - i);
  memcpy(rest, x + i, static_cast<size_t>(left) * sizeof(float));
  store_part(q + i, codes(rest), left);
}

}  // namespace
}  // namespace tulle::kernels::TULLE_ISA
