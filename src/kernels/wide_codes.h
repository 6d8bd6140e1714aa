// 64-bit sums to int16 codes, as tulle_rescale64 has them. Included by *.simd.cc alone.
#pragma once

#include "kernels/rescale.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

constexpr int kWideLanes = kLanes / 2;

/// y = sums (and bias, unless null) by their factors, from low to high. Factors are pairs of int32, multiplier and
/// shift; `count` is a multiple of kWideLanes.
TULLE_INLINE void wide_codes(const int64_t* sums, const int64_t* bias, int32_t count, const void* factors,
                             int32_t zero_point, int32_t low, int32_t high, int16_t* y) {
  typedef int32_t Half32 __attribute__((vector_size(kBytes / 2)));
  typedef int16_t Quarter16 __attribute__((vector_size(kBytes / 4)));
  const U64 lower = U64{} + 0xFFFFFFFFu, sign = U64{} + (uint64_t{1} << 63);
  const Half32 least = Half32{} + (low - zero_point), most = Half32{} + (high - zero_point);
  for (int32_t c = 0; c < count; c += kWideLanes) {
    const U64 factor = load<U64>(static_cast<const uint8_t*>(factors) + 8 * int64_t{c}), whole = factor & lower;
    const U64 cut = (whole + (1 << 15)) >> 16, multiplier = (U64)min((U32)cut, (U32)(U64{} + 0x7FFF));
    const U64 shift = (15 - (factor >> 32)) & lower;
    U64 x = load<U64>(sums + c);
    if (bias != nullptr) x += load<U64>(bias + c);
    const U64 product = mul_even((U32)x, (U32)multiplier) + (mul_even((U32)(x >> 32), (U32)multiplier) << 32);
    const U64 half = shift_right(sign, 64 - shift);
    const U64 scaled = shift_right(product + half + sign, shift) - shift_right(sign, shift);
    const Half32 code = __builtin_convertvector((I64)scaled, Half32);
    const Half32 below = code < most ? code : most, kept = (below > least ? below : least) + zero_point;
    store(y + c, __builtin_convertvector(kept, Quarter16));
  }
}

}  // namespace
}  // namespace tulle::kernels::TULLE_ISA
