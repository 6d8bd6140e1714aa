/* x^2. */
#ifndef TULLE_OPS_SQUARE_REF_H
#define TULLE_OPS_SQUARE_REF_H

#include <stdint.h>

static inline void tulle_ref_square_f32(const float* x, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = x[i] * x[i];
}

#endif
