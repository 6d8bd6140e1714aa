// Logistic and tanh of 16-bit fixed-point numbers, as ops/fixed_math.ref.h has them, a vector at a time. Included by
// *.simd.cc alone.
#pragma once

#include "kernels/rescale.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

/// round(a * b / 2^15); not for -1 * -1.
TULLE_INLINE I16 high_mul(I16 a, I16 b) {
#if defined(__AVX512BW__)
  return (I16)_mm512_mulhrs_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (I16)_mm256_mulhrs_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSSE3__)
  return (I16)_mm_mulhrs_epi16((__m128i)a, (__m128i)b);
#elif defined(__SSE2__)
  const I16 high = (I16)_mm_mulhi_epi16((__m128i)a, (__m128i)b);
  const __m128i low = _mm_srli_epi16(_mm_mullo_epi16((__m128i)a, (__m128i)b), 14);
  return (I16)((high << 1) + (I16)_mm_srli_epi16(_mm_add_epi16(low, _mm_set1_epi16(1)), 1));
#elif defined(TULLE_NEON)
  return (I16)vqrdmulhq_s16((int16x8_t)a, (int16x8_t)b);
#elif defined(__wasm_simd128__)
  return (I16)wasm_i16x8_q15mulr_sat((v128_t)a, (v128_t)b);
#else
  I16 y;
  for (int i = 0; i < kBytes / 2; ++i) y[i] = static_cast<int16_t>((a[i] * b[i] + (1 << 14)) >> 15);
  return y;
#endif
}

/// x * 2^shift; what comes near the ends of the type saturates.
template <int kShift>
TULLE_INLINE I16 shift_left(I16 x) {
  const I16 threshold = fill16((1 << (15 - kShift)) - 1);
  const I16 low = x < -threshold ? fill16(INT16_MIN) : x << kShift;
  return x > threshold ? fill16(INT16_MAX) : low;
}

/// round(x / 2^kExponent), ties away from zero.
template <int kExponent>
TULLE_INLINE I16 divide(I16 x) {
  const I16 mask = fill16((1 << kExponent) - 1);
  const I16 over = (x & mask) > (mask >> 1) - (x >> 15) ? fill16(1) : I16{};
  return (x >> kExponent) + over;
}

/// e^x for x in [-1/4, 0).
TULLE_INLINE I16 exp_near_zero(I16 a) {
  const I16 at_eighth = fill16(28918), x = a + fill16(1 << 12);
  const I16 x2 = high_mul(x, x), x3 = high_mul(x2, x), x4 = high_mul(x2, x2);
  const I16 tail = divide<1>(high_mul(divide<2>(x4) + x3, fill16(10923)) + x2);
  return add_saturated(at_eighth, high_mul(at_eighth, x + tail));
}

/// e^x for x <= 0 with m <= 7 integer bits.
TULLE_INLINE I16 exp_fixed(I16 x, int32_t m) {
  static constexpr int16_t kPowers[] = {25520, 19875, 12055, 4435, 600, 11, 0};
  const I16 quarter = fill16(static_cast<int16_t>(1 << (13 - m)));
  const I16 rest = (x & (quarter - 1)) - quarter, whole = rest - x;
  I16 y = exp_near_zero(rest << m);
  for (int32_t k = -2; k <= 4 && k < m; ++k) {
    const I16 bit = fill16(static_cast<int16_t>(1 << (15 - m + k)));
    y = (whole & bit) == bit ? high_mul(y, fill16(kPowers[k + 2])) : y;
  }
  if (m > 5) y = x < fill16(static_cast<int16_t>(-(1 << (20 - m)))) ? I16{} : y;
  return x == I16{} ? fill16(INT16_MAX) : y;
}

/// 1 / ((1 + a) / 2) with two integer bits.
TULLE_INLINE I16 half_sum_inverse(I16 a) {
  const I16 half = (a >> 1) + fill16(1 << 14);
  I16 x = fill16(23130) + high_mul(half, fill16(-15420));
  for (int i = 0; i < 3; ++i) x += shift_left<2>(high_mul(x, fill16(1 << 13) - high_mul(half, x)));
  return x;
}

TULLE_INLINE I16 tanh_fixed(I16 x, int32_t m) {
  const I16 sign = x >> 15, negative = (x ^ ~sign) - ~sign;
  const I16 y = shift_left<2>(half_sum_inverse(exp_fixed(negative, m + 1)) - fill16(1 << 13));
  return x == I16{} ? I16{} : (y ^ sign) - sign;
}

TULLE_INLINE I16 logistic_fixed(I16 x) {
  const I16 sign = x >> 15, negative = (x ^ ~sign) - ~sign;
  const I16 y = shift_left<1>(half_sum_inverse(exp_fixed(negative, 3)));
  const I16 any = sign == I16{} ? y : fill16(INT16_MAX) - y;
  return x == I16{} ? fill16(1 << 14) : any;
}

/// y = y + (sums + bias) * factor, saturated.
TULLE_INLINE void add_scaled(const uint32_t* sums, const int32_t* bias, const Factor& factor, int32_t count,
                             int16_t* y) {
  constexpr int kStep = 2 * kLanes;
  const Factors factors = all_channels(factor);
  // What is beyond 16 bits by more than another 16-bit number saturates in any case.
  const I32 least = fill(int32_t{-1 << 17}), most = fill(int32_t{1 << 17});
  typedef int16_t Shorts __attribute__((vector_size(kBytes / 2)));
  const auto scaled = [&](const uint32_t* sum, const int32_t* add, const int16_t* to) __attribute__((always_inline)) {
    const I32 by = rescale(load<I32>(sum) + load<I32>(add), factors);
    return min(max(by, least), most) + __builtin_convertvector(load<Shorts>(to), I32);
  };
  const auto two = [&](const uint32_t* sum, const int32_t* add, const int16_t* to) __attribute__((always_inline)) {
    return narrow(scaled(sum, add, to), scaled(sum + kLanes, add + kLanes, to + kLanes));
  };
  int32_t i = 0;
  for (; i + kStep <= count; i += kStep) store(y + i, two(sums + i, bias + i, y + i));
  if (i == count) return;
  uint32_t rest[kStep] = {};
  int32_t add[kStep] = {};
  int16_t to[kStep] = {};
  const auto left = static_cast<size_t>(count - i);
  memcpy(rest, sums + i, left * sizeof(int32_t));
  memcpy(add, bias + i, left * sizeof(int32_t));
  memcpy(to, y + i, left * sizeof(int16_t));
  store_part(y + i, two(rest, add, to), count - i);
}

template <class Of>
TULLE_INLINE void map_fixed(const int16_t* x, int32_t count, int16_t* y, Of of) {
  constexpr int kStep = kBytes / 2;
  int32_t i = 0;
  for (; i + kStep <= count; i += kStep) store(y + i, of(load<I16>(x + i)));
  if (i < count) store_part(y + i, of(load_part<I16>(x + i, count - i)), count - i);
}

TULLE_INLINE void tanh16(const int16_t* x, int32_t count, int32_t m, int16_t* y) {
  map_fixed(x, count, y, [m](I16 at) __attribute__((always_inline)) { return tanh_fixed(at, m); });
}
TULLE_INLINE void logistic16(const int16_t* x, int32_t count, int16_t* y) {
  map_fixed(x, count, y, [](I16 at) __attribute__((always_inline)) { return logistic_fixed(at); });
}

}  // namespace
}  // namespace tulle::kernels::TULLE_ISA
