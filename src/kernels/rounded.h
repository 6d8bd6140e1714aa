// Sums to 8-bit codes through double: one product, one rounding, half away from zero. Included by *.simd.cc alone.
#pragma once

#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

typedef double F64 __attribute__((vector_size(kBytes)));
typedef int32_t HalfI32 __attribute__((vector_size(kBytes / 2)));

/// round(sum * factor), cut off at 1024 and -1024, which are beyond every code's distance from a zero point.
TULLE_INLINE HalfI32 rounded(HalfI32 sum, F64 factor) {
  const F64 exact = __builtin_convertvector(sum, F64) * factor, most = F64{} + 1024.0, one = F64{} + 1.0, none = {};
  const F64 below = exact < most ? exact : most, real = below > -most ? below : -most;
  const F64 cut = __builtin_convertvector(__builtin_convertvector(real, HalfI32), F64);
  const F64 rest = real - cut;
  return __builtin_convertvector(cut + (rest >= 0.5 ? one : none) - (rest <= -0.5 ? one : none), HalfI32);
}

/// `bias` may be null.
template <class Y>
TULLE_INLINE void rounded_codes(const uint32_t* sums, const int32_t* bias, int32_t count, const double* factors,
                                int32_t zero_point, int32_t low, int32_t high, Y* y) {
  constexpr int kHalf = kLanes / 2, kStep = 2 * kLanes;
  const I16 zero = fill16(static_cast<int16_t>(zero_point));
  const I16 least = fill16(static_cast<int16_t>(low)), most = fill16(static_cast<int16_t>(high));
  for (int32_t c = 0; c < count; c += kStep) {
    const int left = count - c < kStep ? count - c : kStep;
    int32_t lanes[kStep] = {};
    double by[kStep] = {};
    memcpy(lanes, sums + c, static_cast<size_t>(left) * sizeof(int32_t));
    memcpy(by, factors + c, static_cast<size_t>(left) * sizeof(double));
    if (bias != nullptr)
      for (int i = 0; i < left; ++i) lanes[i] += bias[c + i];
    for (int i = 0; i < kStep; i += kHalf) store(lanes + i, rounded(load<HalfI32>(lanes + i), load<F64>(by + i)));
    const I16 wide = add_saturated(narrow(load<I32>(lanes), load<I32>(lanes + kLanes)), zero);
    store_part(y + c, low_bytes(min(max(wide, least), most)), left);
  }
}

}  // namespace
}  // namespace tulle::kernels::TULLE_ISA
