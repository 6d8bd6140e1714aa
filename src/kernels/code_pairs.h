// Two rows of 8-bit codes to one, a vector at a time. Included by *.simd.cc alone.
#pragma once

#include "kernels/float_codes.h"
#include "kernels/rescale.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

/// 32-bit lanes of a vector of 16-bit ones; narrow_again puts them back where they were.
TULLE_INLINE Two<I32> spread(I16 x) {
#if defined(TULLE_NEON)
  return {(I32)vmovl_s16(vget_low_s16((int16x8_t)x)), (I32)vmovl_high_s16((int16x8_t)x)};
#else
  const Two<I16> pairs = interleave(I16{}, x);
  return {(I32)pairs.first >> 16, (I32)pairs.second >> 16};
#endif
}
TULLE_INLINE I16 narrow_again(I32 a, I32 b) {
#if defined(__AVX512BW__)
  return (I16)_mm512_packs_epi32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (I16)_mm256_packs_epi32((__m256i)a, (__m256i)b);
#else
  return narrow(a, b);
#endif
}

/// As many bytes as there are 32-bit lanes, less a zero point, as floats.
template <class T>
TULLE_INLINE F32 reals_at(const T* from, I32 zero) {
  return __builtin_convertvector(widen_far(from) - zero, F32);
}

/// Codes of four vectors by floats, as far as they go; `real(p, q)` is v, see PairCodes. Returns how many are done: a
/// block that is not sure ends it.
template <class T, class Real>
TULLE_INLINE int64_t real_pairs(const T* a, const T* b, T* y, int64_t count, const PairCodes& by, Real real) {
  constexpr int kStep = 4 * kLanes;
  const I32 a_zero = fill(by.a_zero), b_zero = fill(by.b_zero);
  const F32 origin = fill(by.origin), half = fill(by.half);
  FloatCodes codes(by.low, by.high);
  int64_t i = 0;
  for (; i + kStep <= count; i += kStep) {
    codes.begin();
    const auto code = [&](int64_t at) __attribute__((always_inline)) {
      const F32 v = real(reals_at(a + at, a_zero), reals_at(b + at, b_zero));
      return codes.take(v + (origin + with_sign(half, v)));
    };
    const U32 first = code(i), second = code(i + kLanes), third = code(i + 2 * kLanes), fourth = code(i + 3 * kLanes);
    if (!codes.sure(by.near)) break;
    store(y + i, codes.bytes(first, second, third, fourth));
  }
  return i;
}

/// `combine` gives exact steps from the zero point.
template <class T, class Real, class Combine>
TULLE_INLINE void pairs_of(const T* a, const T* b, T* y, int64_t count, const PairCodes& by, Real real,
                           Combine combine) {
  constexpr int kStep = kBytes / 2;
  const I16 a_zero = fill16(static_cast<int16_t>(by.a_zero)), b_zero = fill16(static_cast<int16_t>(by.b_zero));
  const I16 zero = fill16(static_cast<int16_t>(by.zero_point));
  const I16 low = fill16(static_cast<int16_t>(by.low)), high = fill16(static_cast<int16_t>(by.high));
  const auto step = [&](const T* p, const T* q) {
    const Two<I32> sums = combine(widen(p) - a_zero, widen(q) - b_zero);
    return low_bytes(min(max(add_saturated(narrow_again(sums.first, sums.second), zero), low), high));
  };
  int64_t i = 0;
  while (i + kStep <= count) {
    if (by.near != 0) i += real_pairs(a + i, b + i, y + i, count - i, by, real);
    for (int twice = 0; twice < 2 && i + kStep <= count; ++twice, i += kStep) store(y + i, step(a + i, b + i));
  }
  if (i == count) return;
  T p[kStep] = {}, q[kStep] = {};
  const auto left = static_cast<int>(count - i);
  memcpy(p, a + i, static_cast<size_t>(left));
  memcpy(q, b + i, static_cast<size_t>(left));
  store_part(y + i, step(p, q), left);
}

/// The square of the difference of (a - a_zero) * 2^left_shift by its factor and b likewise, by `to`; squares wrap.
TULLE_INLINE void squared_differences(const int8_t* a, const int8_t* b, int8_t* y, int64_t count, const PairCodes& by) {
  const Factors a_by = all_channels(by.a), b_by = all_channels(by.b), to = all_channels(by.to);
  const int32_t shift = by.left_shift;
  const auto none = [](F32 p, F32) { return p; };  // by.near is 0: no floats
  pairs_of(a, b, y, count, by, none, [&](I16 p, I16 q) {
    const Two<I32> ps = spread(p), qs = spread(q);
    const auto one = [&](I32 c, I32 d) {
      const I32 apart = rescale(c << shift, a_by) - rescale(d << shift, b_by);
      return rescale(apart * apart, to);
    };
    return Two<I32>{one(ps.first, qs.first), one(ps.second, qs.second)};
  });
}

}  // namespace
}  // namespace tulle::kernels::TULLE_ISA
