/* The next integer up. */
#ifndef TULLE_OPS_CEIL_REF_H
#define TULLE_OPS_CEIL_REF_H

#include <math.h>
#include <stdint.h>

static inline void tulle_ref_ceil_f32(const float* x, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = ceilf(x[i]);
}

#endif
