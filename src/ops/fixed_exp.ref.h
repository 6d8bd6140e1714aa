/* Exponential, reciprocal and logarithm on 32-bit fixed point. Qn is a code with n integer bits, a sign and 31-n
   fraction bits: Q0 counts in 2^-31. Sums wrap; products are rounded. */
#ifndef TULLE_OPS_FIXED_EXP_REF_H
#define TULLE_OPS_FIXED_EXP_REF_H

#include <math.h>
#include <stdint.h>

#include "ops/fixed_point.ref.h"

static inline int32_t tulle_wrap_add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
static inline int32_t tulle_wrap_sub(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }

/* x * 2^shift, saturating. */
static inline int32_t tulle_shift_up(int32_t x, int32_t shift) {
  const int64_t wide = (int64_t)x * (INT64_C(1) << shift);
  return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* (a + b) / 2, ties away from zero. */
static inline int32_t tulle_half_sum(int32_t a, int32_t b) {
  const int64_t sum = (int64_t)a + b;
  return (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

static inline int32_t tulle_leading_zeros(uint32_t x) {
  int32_t count = 0;
  for (uint32_t bit = UINT32_C(1) << 31; bit != 0 && (x & bit) == 0; bit >>= 1) ++count;
  return count;
}

/* e^x of Q5 x <= 0, as Q0; 1 becomes the largest code. */
static inline int32_t tulle_exp(int32_t x) {
  /* e^(-2^k) for k = -2 … 4 */
  static const int32_t powers[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  const int32_t quarter = 1 << 24;
  if (x == 0) return INT32_MAX;
  /* x = near - rest, near in [-1/4, 0), rest a multiple of 1/4; near + 1/8 goes into a series of four terms. */
  const int32_t near = (int32_t)((uint32_t)x & (uint32_t)(quarter - 1)) - quarter;
  const int32_t rest = near - x;
  const int32_t z = near * 32 + (1 << 28);
  const int32_t z2 = tulle_high_mul(z, z), z3 = tulle_high_mul(z2, z), z4 = tulle_high_mul(z2, z2);
  const int32_t thirds = tulle_high_mul(tulle_divide_by_pot(z4, 2) + z3, 715827883); /* / 3 */
  const int32_t series = z + tulle_divide_by_pot(thirds + z2, 1);
  const int32_t at_eighth = 1895147668; /* e^(-1/8) */
  int32_t y = at_eighth + tulle_high_mul(at_eighth, series);
  for (int k = 0; k < 7; ++k)
    if (rest & (quarter << k)) y = tulle_high_mul(y, powers[k]);
  return y;
}

/* 1 / (1 + x) of Q0 x in [0, 1), as Q0: three Newton steps. */
static inline int32_t tulle_one_over_one_plus(int32_t x) {
  const int32_t half = tulle_half_sum(x, INT32_MAX);
  int32_t y = tulle_wrap_add(1515870810, tulle_high_mul(half, -1010580540)); /* Q2: 48/17 - 32/17 half */
  for (int i = 0; i < 3; ++i) {
    const int32_t lack = tulle_wrap_sub(1 << 29, tulle_high_mul(half, y));
    y = tulle_wrap_add(y, tulle_shift_up(tulle_high_mul(y, lack), 2));
  }
  return tulle_shift_up(y, 1);
}

/* The natural logarithm of Q12 x >= 1, as Q5. */
static inline int32_t tulle_log(int32_t x) {
  const int32_t sqrt_half = 1518500250, fourth_root_half = 1805811301, log_2 = 1488522236;
  const int32_t quarter = 1 << 23; /* Q6 */
  /* Two ways to write x as r * 2^e with r near the fourth root of 1/2: with and without a factor of its square root. */
  const int32_t zeros = tulle_leading_zeros((uint32_t)x);
  const int32_t r_a = tulle_shift_up(tulle_high_mul(tulle_shift_up(x, zeros - 1), sqrt_half), 1);
  const int32_t e_a = tulle_wrap_add(tulle_shift_up(12 - zeros, 25), quarter);
  const int32_t zeros_b = tulle_leading_zeros((uint32_t)tulle_high_mul(x, sqrt_half)) - 1;
  const int32_t r_b = tulle_shift_up(x, zeros_b);
  const int32_t e_b = tulle_wrap_sub(tulle_shift_up(12 - zeros_b, 25), quarter);
  const int32_t r = r_a < r_b ? r_a : r_b, e = e_a > e_b ? e_a : e_b;
  const int32_t p = tulle_half_sum(r, fourth_root_half);
  const int32_t q = tulle_wrap_add(r - fourth_root_half, r - fourth_root_half);
  const int32_t q2 = tulle_high_mul(q, q);
  const int32_t above = tulle_wrap_add(tulle_high_mul(q, r), tulle_high_mul(tulle_high_mul(q, q2), 117049297));
  const int32_t inner = tulle_wrap_add(tulle_wrap_add(1057819769, q), tulle_high_mul(127690142, q2));
  const int32_t below = tulle_wrap_add(tulle_high_mul(p, inner), tulle_high_mul(638450708, q));
  const int32_t ratio = tulle_high_mul(tulle_divide_by_pot(above, 6), tulle_one_over_one_plus(below));
  return tulle_shift_up(tulle_wrap_add(tulle_high_mul(e, log_2), ratio), 1);
}

#endif
