/* The square of a difference of plain numbers. Integers wrap. */
#ifndef TULLE_OPS_SQUARED_DIFFERENCE_REF_H
#define TULLE_OPS_SQUARED_DIFFERENCE_REF_H

#include "ops/broadcast.ref.h"

static inline uint32_t tulle_square_u32(uint32_t x) { return x * x; }
TULLE_ROW_OF_TWO(tulle_ref_squared_difference_f32, float, float, struct tulle_nothing, (a - b) * (a - b))
TULLE_ROW_OF_TWO(tulle_ref_squared_difference_i32, int32_t, int32_t, struct tulle_nothing,
                 (int32_t)tulle_square_u32((uint32_t)a - (uint32_t)b))

#endif
