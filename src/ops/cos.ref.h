/* The cosine. */
#ifndef TULLE_OPS_COS_REF_H
#define TULLE_OPS_COS_REF_H

#include <math.h>
#include <stdint.h>

static inline void tulle_ref_cos_f32(const float* x, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = cosf(x[i]);
}

#endif
