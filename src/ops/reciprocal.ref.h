/* Inverses in fixed point, bit for bit as gemmlowp computes them. */
#ifndef TULLE_OPS_RECIPROCAL_REF_H
#define TULLE_OPS_RECIPROCAL_REF_H

#include "ops/fixed_point.ref.h"

/* x * 2^shift for shift 1 or 2, saturating. */
static inline int32_t tulle_saturating_shift(int32_t x, int32_t shift) {
  const int64_t shifted = (int64_t)x * (1 << shift);
  return shifted > INT32_MAX ? INT32_MAX : shifted < INT32_MIN ? INT32_MIN : (int32_t)shifted;
}

/* 1 / (1 + x) for x in [0, 1); x and the answer have 31 fractional bits. Three steps of Newton's division, in numbers
   of 29 fractional bits, for half the denominator. */
static inline int32_t tulle_inverse_of_one_plus(int32_t x) {
  const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
  const int32_t one = 1 << 29, k48_17 = 1515870810, k32_17 = -1010580540;
  int32_t y = k48_17 + tulle_high_mul(half, k32_17);
  for (int i = 0; i < 3; ++i) y += tulle_saturating_shift(tulle_high_mul(y, one - tulle_high_mul(half, y)), 2);
  return tulle_saturating_shift(y, 1);
}

/* 1 / x for x > 0: the answer is the multiplier * 2^(shift - 31). */
static inline struct tulle_factor tulle_reciprocal(int32_t x) {
  struct tulle_factor inverse;
  int32_t leading = 0;
  while ((uint32_t)x << leading < UINT32_C(0x80000000)) ++leading;
  inverse.multiplier = tulle_inverse_of_one_plus((int32_t)(((uint32_t)x << leading) - UINT32_C(0x80000000)));
  inverse.shift = leading - 31;
  return inverse;
}

#endif
