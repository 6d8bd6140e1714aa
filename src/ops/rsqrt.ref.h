/* One over the square root. */
#ifndef TULLE_OPS_RSQRT_REF_H
#define TULLE_OPS_RSQRT_REF_H

#include <math.h>

#include "ops/fixed_math.ref.h"
#include "ops/quantized_arithmetic.ref.h"

/* Infinite for negative numbers, too. */
static inline void tulle_ref_rsqrt_limited_f32(const float* x, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = x[i] > 0.0f ? 1.0f / sqrtf(x[i]) : INFINITY;
}
TULLE_ROW_OF_ONE(tulle_ref_rsqrt_f32, float, float, struct tulle_nothing, 1.0f / sqrtf(a))

/* Codes of at least the zero point, which gives the highest code. The inverse root has 20 fractional bits. */
static inline int32_t tulle_rsqrt_of(int32_t offset, struct tulle_result to) {
  if (offset == 0) return to.high;
  struct tulle_factor inverse = tulle_inverse_sqrt(offset);
  inverse.shift += 20;
  to.factor.shift -= 20;
  return to.factor.shift < -31 ? tulle_code_of(0, to) : tulle_result_of(tulle_rescale(1, inverse), to);
}
TULLE_ROW_OF_ONE(tulle_ref_rsqrt_i8, int8_t, int8_t, struct tulle_rescaling,
                 (int8_t)tulle_rsqrt_of(a - p.zero_point, p.to))

#endif
