/* x where x is positive, else e^x - 1. */
#ifndef TULLE_OPS_ELU_REF_H
#define TULLE_OPS_ELU_REF_H

#include <math.h>
#include <stdint.h>

static inline void tulle_ref_elu_f32(const float* x, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = x[i] < 0.0f ? expm1f(x[i]) : x[i];
}

#endif
