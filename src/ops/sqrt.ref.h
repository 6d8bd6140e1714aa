/* The square root. */
#ifndef TULLE_OPS_SQRT_REF_H
#define TULLE_OPS_SQRT_REF_H

#include <math.h>

#include "ops/broadcast.ref.h"

TULLE_ROW_OF_ONE(tulle_ref_sqrt_f32, float, float, struct tulle_nothing, sqrtf(a))

/* Codes of at least the zero point. The root of the real is cut, not rounded, to a whole number of the result's steps.
 */
struct tulle_root {
  float scale, result_scale;
  int32_t zero_point, result_zero_point, high;
};
static inline int32_t tulle_root_of(int32_t offset, struct tulle_root p) {
  const float steps = sqrtf(p.scale * (float)offset) / p.result_scale;
  const float most = (float)(p.high - p.result_zero_point);
  return (int32_t)(steps < most ? steps : most) + p.result_zero_point;
}
TULLE_ROW_OF_ONE(tulle_ref_sqrt_i8, int8_t, int8_t, struct tulle_root, (int8_t)tulle_root_of(a - p.zero_point, p))
TULLE_ROW_OF_ONE(tulle_ref_sqrt_i16, int16_t, int16_t, struct tulle_root, (int16_t)tulle_root_of(a - p.zero_point, p))

#endif
