/* The natural logarithm. */
#ifndef TULLE_OPS_LOG_REF_H
#define TULLE_OPS_LOG_REF_H

#include <math.h>
#include <stdint.h>

static inline void tulle_ref_log_f32(const float* x, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = logf(x[i]);
}

#endif
