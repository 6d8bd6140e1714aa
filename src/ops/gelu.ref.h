/* x times the probability that a normal variable is below x; exact, and by tanh. */
#ifndef TULLE_OPS_GELU_REF_H
#define TULLE_OPS_GELU_REF_H

#include <math.h>
#include <stdint.h>

static inline void tulle_ref_gelu_f32(const float* x, float* y, int32_t count) {
  const float minus_sqrt_half = -0.70710678118654752440f;
  for (int32_t i = 0; i < count; ++i) y[i] = 0.5f * x[i] * erfcf(x[i] * minus_sqrt_half);
}

static inline void tulle_ref_gelu_by_tanh_f32(const float* x, float* y, int32_t count) {
  const float sqrt_2_pi = 0.79788456080286535588f;
  for (int32_t i = 0; i < count; ++i) {
    const float cubic = x[i] + 0.044715f * x[i] * x[i] * x[i];
    y[i] = 0.5f * x[i] * (1.0f + tanhf(sqrt_2_pi * cubic));
  }
}

#endif
