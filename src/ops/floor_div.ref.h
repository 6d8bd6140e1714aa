/* Quotients rounded down; b must not be 0. The lowest integer divided by -1 wraps to itself. */
#ifndef TULLE_OPS_FLOOR_DIV_REF_H
#define TULLE_OPS_FLOOR_DIV_REF_H

#include <math.h>

#include "ops/broadcast.ref.h"

static inline int64_t tulle_floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

/* Floats are divided as doubles. */
TULLE_ROW_OF_TWO(tulle_ref_floor_div_f32, float, float, struct tulle_nothing, (float)floor((double)a / (double)b))
TULLE_ROW_OF_TWO(tulle_ref_floor_div_i8, int8_t, int8_t, struct tulle_nothing, (int8_t)tulle_floor_div(a, b))
TULLE_ROW_OF_TWO(tulle_ref_floor_div_i16, int16_t, int16_t, struct tulle_nothing, (int16_t)tulle_floor_div(a, b))
TULLE_ROW_OF_TWO(tulle_ref_floor_div_i32, int32_t, int32_t, struct tulle_nothing, (int32_t)tulle_floor_div(a, b))

#endif
