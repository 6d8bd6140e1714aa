/* |x|, of codes that of what they stand for. The lowest plain integer stays itself. */
#ifndef TULLE_OPS_ABS_REF_H
#define TULLE_OPS_ABS_REF_H

#include <math.h>

#include "ops/quantized_arithmetic.ref.h"

static inline int32_t tulle_magnitude(int32_t x) { return x < 0 ? (int32_t)(0u - (uint32_t)x) : x; }

TULLE_ROW_OF_ONE(tulle_ref_abs_f32, float, float, struct tulle_nothing, fabsf(a))
TULLE_ROW_OF_ONE(tulle_ref_abs_i16, int16_t, int16_t, struct tulle_nothing, (int16_t)tulle_magnitude(a))
TULLE_ROW_OF_ONE(tulle_ref_abs_i32, int32_t, int32_t, struct tulle_nothing, tulle_magnitude(a))
TULLE_ROW_OF_ONE(tulle_ref_abs_i8, int8_t, int8_t, struct tulle_rescaling,
                 (int8_t)tulle_result_of(tulle_magnitude(a - p.zero_point), p.to))
TULLE_ROW_OF_ONE(tulle_ref_abs_q16, int16_t, int16_t, struct tulle_rescaling,
                 (int16_t)tulle_result_of(tulle_magnitude(a - p.zero_point), p.to))

#endif
