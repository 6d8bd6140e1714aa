// Rescaling on vectors. The reference multiplies a sum by a 31-bit factor and rounds, then shifts and rounds again; for
// a sum of magnitude q both are one floor, sign(x) * floor((q * multiplier + half - tie) / 2^shift), where half is 2^30
// plus half the divisor of the second rounding and tie is 1 for negative x. Included by *.simd.cc alone.
#pragma once

#include "kernels/kernels.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

struct Factors {
  I32 bias;
  U32 multiplier;
  U64 half_even, half_odd, shift_even, shift_odd;
};

TULLE_INLINE U64 shift_right(U64 x, U64 by) {
#if defined(__AVX512F__)
  return (U64)_mm512_srlv_epi64((__m512i)x, (__m512i)by);
#elif defined(__AVX2__)
  return (U64)_mm256_srlv_epi64((__m256i)x, (__m256i)by);
#elif defined(TULLE_NEON)
  return (U64)vshlq_u64((uint64x2_t)x, vnegq_s64((int64x2_t)by));
#else
  return x >> by;
#endif
}

TULLE_INLINE I32 rescale(I32 x, const Factors& f) {
  const U32 q = abs_of(x);
  U64 even = mul_even(q, f.multiplier) + f.half_even;
  U64 odd = mul_even((U32)((U64)q >> 32), (U32)((U64)f.multiplier >> 32)) + f.half_odd;
  const U64 negative = (U64)(U32)((U32)x >> 31);
  even -= negative & 0xFFFFFFFFu;
  odd -= negative >> 32;
  const U32 magnitude = even_odd((U32)shift_right(even, f.shift_even), (U32)shift_right(odd, f.shift_odd));
#if defined(__AVX2__) && !defined(__AVX512F__)
  return (I32)_mm256_sign_epi32((__m256i)magnitude, (__m256i)x);
#elif defined(__SSSE3__) && !defined(__AVX512F__)
  return (I32)_mm_sign_epi32((__m128i)magnitude, (__m128i)x);
#else
  const I32 sign = x >> 31;
  return ((I32)magnitude ^ sign) - sign;
#endif
}

/// The same factor for all.
TULLE_INLINE Factors all_channels(const Factor& factor) {
  return {I32{},
          (U32)fill(static_cast<int32_t>(factor.multiplier)),
          U64{} + factor.half,
          U64{} + factor.half,
          U64{} + factor.shift,
          U64{} + (factor.shift - 32)};
}

}  // namespace
}  // namespace tulle::kernels::TULLE_ISA
