/* L2_NORMALIZATION over rows: x over the root of the sum of squares. */
#ifndef TULLE_OPS_L2_NORMALIZATION_REF_H
#define TULLE_OPS_L2_NORMALIZATION_REF_H

#include <math.h>
#include <stdint.h>

#include "ops/fixed_exp.ref.h"

static inline void tulle_ref_l2_normalization_f32(const float* x, int64_t rows, int32_t depth, float* y) {
  for (; rows > 0; --rows, x += depth, y += depth) {
    float squares = 0.0f;
    for (int32_t c = 0; c < depth; ++c) squares += x[c] * x[c];
    const float norm = sqrtf(squares);
    for (int32_t c = 0; c < depth; ++c) y[c] = x[c] / (norm < 1e-6f ? 1e-6f : norm);
  }
}

/* 1 / sqrt(x) by five Newton steps from 1, on Q3 codes of x brought into [1/4, 1). 0 counts as 1. */
static inline struct tulle_factor tulle_inverse_root(int64_t x) {
  struct tulle_factor root = {INT32_MAX, 0};
  int32_t right = 11;
  if (x <= 1) return root;
  for (; x >= (1 << 29); x /= 4) ++right;
  const int32_t pairs = (tulle_leading_zeros((uint32_t)x) - 1) / 2 - 1;
  const int32_t input = (int32_t)(x << (2 * pairs)) >> 1;
  const int32_t half_input = tulle_divide_by_pot(input, 1);
  int32_t y = 1 << 28;
  right -= pairs;
  for (int i = 0; i < 5; ++i) {
    const int32_t cube = tulle_shift_up(tulle_high_mul(tulle_high_mul(y, y), y), 6);
    const int32_t step = tulle_wrap_sub(tulle_high_mul((1 << 28) + (1 << 27), y), tulle_high_mul(half_input, cube));
    y = tulle_shift_up(step, 3);
  }
  root.multiplier = tulle_high_mul(y, 1518500250); /* sqrt(1/2) */
  if (right < 0) root.multiplier = (int32_t)((uint32_t)root.multiplier << -right);
  root.shift = right < 0 ? 0 : -right;
  return root;
}

/* Outputs count in 1/128, around 0 or 128. */
static inline void tulle_ref_l2_normalization_i8(const int8_t* x, int64_t rows, int32_t depth, int32_t x_zero,
                                                 int8_t* y) {
  for (; rows > 0; --rows, x += depth, y += depth) {
    int64_t squares = 0;
    for (int32_t c = 0; c < depth; ++c) squares += (x[c] - x_zero) * (x[c] - x_zero);
    struct tulle_factor by = tulle_inverse_root(squares);
    by.shift += 7;
    for (int32_t c = 0; c < depth; ++c)
      y[c] = (int8_t)tulle_clamp(tulle_rescale(x[c] - x_zero, by), INT8_MIN, INT8_MAX);
  }
}

static inline void tulle_ref_l2_normalization_u8(const uint8_t* x, int64_t rows, int32_t depth, int32_t x_zero,
                                                 uint8_t* y) {
  for (; rows > 0; --rows, x += depth, y += depth) {
    int64_t squares = 0;
    for (int32_t c = 0; c < depth; ++c) squares += (x[c] - x_zero) * (x[c] - x_zero);
    const struct tulle_factor by = tulle_inverse_root(squares);
    for (int32_t c = 0; c < depth; ++c)
      y[c] = (uint8_t)tulle_clamp(128 + tulle_rescale(128 * (x[c] - x_zero), by), 0, UINT8_MAX);
  }
}

#endif
