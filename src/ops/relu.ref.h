/* Numbers, and codes brought to another scale, kept between two bounds. */
#ifndef TULLE_OPS_RELU_REF_H
#define TULLE_OPS_RELU_REF_H

#include "ops/quantized_arithmetic.ref.h"

struct tulle_relu_f32 {
  float low, high;
};
TULLE_ROW_OF_ONE(tulle_ref_relu_f32, float, float, struct tulle_relu_f32, a > p.high ? p.high : a < p.low ? p.low : a)

#define TULLE_RELU(TAG, T) \
  TULLE_ROW_OF_ONE(tulle_ref_relu_##TAG, T, T, struct tulle_rescaling, (T)tulle_result_of(a - p.zero_point, p.to))
TULLE_RELU(i8, int8_t)
TULLE_RELU(u8, uint8_t)
TULLE_RELU(i16, int16_t)
#undef TULLE_RELU

#endif
