/* x where x is not negative, else alpha * x. */
#ifndef TULLE_OPS_LEAKY_RELU_REF_H
#define TULLE_OPS_LEAKY_RELU_REF_H

#include "ops/quantized_arithmetic.ref.h"

struct tulle_slope {
  float alpha;
};
TULLE_ROW_OF_ONE(tulle_ref_leaky_relu_f32, float, float, struct tulle_slope, a > 0.0f ? a : a * p.alpha)

/* Codes; `alpha` is the factor of |alpha| and `sign` is its sign. */
struct tulle_leaky {
  int32_t zero_point, sign;
  struct tulle_factor alpha;
  struct tulle_result to;
};
static inline int32_t tulle_leaky_of(int32_t offset, struct tulle_leaky p) {
  return offset >= 0 ? tulle_result_of(offset, p.to) : tulle_code_of(p.sign * tulle_rescale(offset, p.alpha), p.to);
}
#define TULLE_LEAKY(TAG, T) \
  TULLE_ROW_OF_ONE(tulle_ref_leaky_relu_##TAG, T, T, struct tulle_leaky, (T)tulle_leaky_of(a - p.zero_point, p))
TULLE_LEAKY(i8, int8_t)
TULLE_LEAKY(u8, uint8_t)
TULLE_LEAKY(i16, int16_t)
#undef TULLE_LEAKY

#endif
