/* HARD_SWISH: x * min(max(x + 3, 0), 6) / 6; 8-bit codes in 16-bit fixed point. */
#ifndef TULLE_OPS_HARD_SWISH_REF_H
#define TULLE_OPS_HARD_SWISH_REF_H

#include <math.h>
#include <stdint.h>

#include "ops/fixed_point.ref.h"

static inline void tulle_ref_hard_swish_f32(const float* x, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) {
    const float above = x[i] + 3.0f, low = 0.0f < above ? above : 0.0f;
    y[i] = x[i] * (low < 6.0f ? low : 6.0f) / 6.0f;
  }
}

/* Factors with 16-bit multipliers: codes times 128 to the output's scale, and to units of 3 / 32768. */
struct tulle_hard_swish {
  int32_t x_zero, y_zero;
  struct tulle_factor to_y, to_gate;
};

static inline struct tulle_factor tulle_short_factor_from(float real) {
  struct tulle_factor factor = tulle_factor_from(real);
  factor.multiplier = factor.multiplier >= INT32_MAX - (1 << 15) ? INT16_MAX : (factor.multiplier + (1 << 15)) >> 16;
  return factor;
}

static inline struct tulle_hard_swish tulle_hard_swish_from(float x_scale, int32_t x_zero, float y_scale,
                                                            int32_t y_zero) {
  const float fine = (1.0f / 128.0f) * x_scale;
  struct tulle_hard_swish by = {x_zero, y_zero, {0, 0}, {0, 0}};
  by.to_y = tulle_short_factor_from(fine / y_scale);
  by.to_gate = tulle_short_factor_from(fine / (3.0f / 32768.0f));
  return by;
}

static inline int32_t tulle_clamp_i16(int64_t x) {
  return (int32_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x);
}

/* round(a * b / 2^15), ties away from zero on the positive side. */
static inline int32_t tulle_high_mul_i16(int32_t a, int32_t b) {
  const int32_t product = a * b;
  return tulle_clamp_i16((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
}

/* x / 2^shift, rounded; the reference's 16-bit rounding never comes to 0 where all bits are shifted out. */
static inline int32_t tulle_divide_by_pot_i16(int32_t x, int32_t shift) {
  return shift < 16 ? tulle_divide_by_pot(x, shift) : x < 0 ? -1 : 1;
}

/* The output for one input code, before it is clamped to the codes of its type. to_y.shift must not be above 0. */
static inline int32_t tulle_hard_swish_code(int32_t x, const struct tulle_hard_swish* by) {
  const int32_t fine = (x - by->x_zero) * 128;
  const int32_t on_y = tulle_high_mul_i16(fine, by->to_y.multiplier);
  const int32_t left = by->to_gate.shift;
  /* The gate is x / 3 in [-1, 1]; all but the last step to the left come before the product, so that it saturates last.
   */
  int32_t gate = left > 0 ? tulle_clamp_i16((int64_t)fine * (INT64_C(1) << (left - 1))) : fine;
  gate = tulle_high_mul_i16(gate, by->to_gate.multiplier);
  if (left > 0) gate = tulle_clamp_i16((int64_t)gate * 2);
  if (left < 0) gate = tulle_divide_by_pot_i16(gate, -left);
  gate = (gate + (1 << 15)) >> 1;
  return tulle_divide_by_pot_i16(gate * on_y / (1 << 15), -by->to_y.shift) + by->y_zero;
}

#endif
