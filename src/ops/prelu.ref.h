/* x where x is not negative, else x times a slope of its own: operands x and the slope. */
#ifndef TULLE_OPS_PRELU_REF_H
#define TULLE_OPS_PRELU_REF_H

#include "ops/quantized_arithmetic.ref.h"

TULLE_ROW_OF_TWO(tulle_ref_prelu_f32, float, float, struct tulle_nothing, a >= 0.0f ? a : a * b)

/* Codes: `slope` is the factor of x's scale times the slope's over the result's. */
struct tulle_prelu {
  int32_t zero_point, slope_zero_point;
  struct tulle_factor slope;
  struct tulle_result to;
};
static inline int32_t tulle_prelu_of(int32_t x, int32_t slope, struct tulle_prelu p) {
  if (x >= 0) return tulle_result_of(x, p.to);
  return tulle_code_of(tulle_rescale((int32_t)((uint32_t)x * (uint32_t)slope), p.slope), p.to);
}
#define TULLE_PRELU(TAG, T, SLOPE)                                           \
  TULLE_ROW_OF_MIXED(tulle_ref_prelu_##TAG, T, SLOPE, T, struct tulle_prelu, \
                     (T)tulle_prelu_of(a - p.zero_point, b - p.slope_zero_point, p))
TULLE_PRELU(i8, int8_t, int8_t)
TULLE_PRELU(u8, uint8_t, uint8_t)
TULLE_PRELU(i16, int16_t, int8_t)
#undef TULLE_PRELU

#endif
