/* Logistic, tanh and inverse square root in fixed point, bit for bit as gemmlowp computes them. A 16-bit number with m
   integer bits is raw / 2^(15-m). */
#ifndef TULLE_OPS_FIXED_MATH_REF_H
#define TULLE_OPS_FIXED_MATH_REF_H

#include "ops/fixed_point.ref.h"

/* round(a * b / 2^15), ties away from zero on the positive side; -1 * -1 saturates. */
static inline int16_t tulle_high_mul16(int16_t a, int16_t b) {
  if (a == INT16_MIN && b == INT16_MIN) return INT16_MAX;
  const int32_t product = (int32_t)a * b;
  return (int16_t)((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
}

/* x * 2^shift for shift >= 0; what comes near the ends of the type saturates. */
static inline int16_t tulle_shift_left16(int16_t x, int32_t shift) {
  const int32_t threshold = (1 << (15 - shift)) - 1;
  if (shift == 0) return x;
  return (int16_t)(x > threshold ? INT16_MAX : x < -threshold ? INT16_MIN : x * (1 << shift));
}

static inline int16_t tulle_saturate16(int32_t x) { return (int16_t)tulle_clamp(x, INT16_MIN, INT16_MAX); }

/* e^x for x in [-1/4, 0), both with no integer bits: a Taylor series around -1/8. */
static inline int16_t tulle_exp16_near_zero(int16_t a) {
  const int16_t at_eighth = 28918, third = 10923;
  const int16_t x = (int16_t)(a + (1 << 12));
  const int16_t x2 = tulle_high_mul16(x, x), x3 = tulle_high_mul16(x2, x), x4 = tulle_high_mul16(x2, x2);
  const int16_t x4_over_4 = (int16_t)tulle_divide_by_pot(x4, 2);
  const int16_t tail =
      (int16_t)tulle_divide_by_pot((int16_t)(tulle_high_mul16((int16_t)(x4_over_4 + x3), third) + x2), 1);
  return tulle_saturate16(at_eighth + tulle_high_mul16(at_eighth, (int16_t)(x + tail)));
}

/* e^x for x <= 0 with m <= 7 integer bits; the answer has none. */
static inline int16_t tulle_exp16(int16_t x, int32_t m) {
  /* e^-(2^k) for k = -2 … 4 */
  static const int16_t kPowers[] = {25520, 19875, 12055, 4435, 600, 11, 0};
  if (x == 0) return INT16_MAX;
  if (m > 5 && x < -(1 << (20 - m))) return 0; /* below -32 */
  const int32_t quarter = 1 << (13 - m);
  const int32_t rest = (x & (quarter - 1)) - quarter;
  int16_t y = tulle_exp16_near_zero(tulle_shift_left16((int16_t)rest, m));
  const int32_t whole = rest - x;
  for (int32_t k = -2; k <= 4 && k < m; ++k)
    if (whole & (1 << (15 - m + k))) y = tulle_high_mul16(y, kPowers[k + 2]);
  return y;
}

/* 1 / ((1 + a) / 2) with two integer bits, for a in (0, 1): three steps of Newton's division. */
static inline int16_t tulle_half_sum_inverse16(int16_t a) {
  const int16_t one = 1 << 13, k48_17 = 23130, k32_17 = -15420;
  const int16_t half = (int16_t)((a + INT16_MAX + 1) / 2);
  int16_t x = (int16_t)(k48_17 + tulle_high_mul16(half, k32_17));
  for (int i = 0; i < 3; ++i) {
    const int16_t error = (int16_t)(one - tulle_high_mul16(half, x));
    x = (int16_t)(x + tulle_shift_left16(tulle_high_mul16(x, error), 2));
  }
  return x;
}

/* tanh of a number with m <= 6 integer bits; the answer has none. */
static inline int16_t tulle_tanh16(int16_t x, int32_t m) {
  if (x == 0) return 0;
  const int16_t negative = x < 0 ? x : (int16_t)-x;
  const int16_t inverse = tulle_half_sum_inverse16(tulle_exp16(negative, m + 1));
  const int16_t y = tulle_shift_left16((int16_t)(inverse - (1 << 13)), 2);
  return x < 0 ? (int16_t)-y : y;
}

/* 1 / (1 + e^-x) of a number with three integer bits; the answer has none. */
static inline int16_t tulle_logistic16(int16_t x) {
  if (x == 0) return 1 << 14;
  const int16_t negative = x > 0 ? (int16_t)-x : x;
  const int16_t y = tulle_shift_left16(tulle_half_sum_inverse16(tulle_exp16(negative, 3)), 1);
  return x > 0 ? y : (int16_t)(INT16_MAX - y);
}

/* The same of rows; x and y may be the same. */
static inline void tulle_ref_tanh16(const int16_t* x, int32_t count, int32_t m, int16_t* y) {
  for (int32_t i = 0; i < count; ++i) y[i] = tulle_tanh16(x[i], m);
}
static inline void tulle_ref_logistic16(const int16_t* x, int32_t count, int16_t* y) {
  for (int32_t i = 0; i < count; ++i) y[i] = tulle_logistic16(x[i]);
}

/* x * 2^2 or 2^6 in 32 bits, saturating like tulle_shift_left16. */
static inline int32_t tulle_shift_left32(int32_t x, int32_t shift) {
  const int32_t threshold = (int32_t)((INT64_C(1) << (31 - shift)) - 1);
  return x > threshold ? INT32_MAX : x < -threshold ? INT32_MIN : x * (1 << shift);
}

/* 1 / sqrt(x) as a factor, for x >= 0 (0 counts as 1): five steps of Newton's iteration with three integer bits. */
static inline struct tulle_factor tulle_inverse_sqrt(int32_t x) {
  struct tulle_factor factor = {INT32_MAX, 0};
  if (x <= 1) return factor;
  int32_t shift = 11;
  for (; x >= (1 << 29); ++shift) x /= 4;
  for (; x < (1 << 27); --shift) x *= 4;
  const int32_t input = x >> 1, half = tulle_divide_by_pot(input, 1), three_halves = (1 << 28) + (1 << 27);
  int32_t y = 1 << 28;
  for (int i = 0; i < 5; ++i) {
    const int32_t cube = tulle_shift_left32(tulle_high_mul(tulle_high_mul(y, y), y), 6);
    y = tulle_shift_left32(tulle_high_mul(three_halves, y) - tulle_high_mul(half, cube), 3);
  }
  factor.multiplier = tulle_high_mul(y, 1518500250); /* sqrt(2) / 2 */
  if (shift < 0) {
    factor.multiplier = (int32_t)((uint32_t)factor.multiplier << -shift);
    shift = 0;
  }
  factor.shift = -shift;
  return factor;
}

#endif
