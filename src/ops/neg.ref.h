/* -x. Integers wrap; of 16-bit floats the sign bit turns. */
#ifndef TULLE_OPS_NEG_REF_H
#define TULLE_OPS_NEG_REF_H

#include "ops/broadcast.ref.h"

TULLE_ROW_OF_ONE(tulle_ref_neg_f32, float, float, struct tulle_nothing, -a)
TULLE_ROW_OF_ONE(tulle_ref_neg_sign, uint16_t, uint16_t, struct tulle_nothing, (uint16_t)(a ^ 0x8000))
TULLE_ROW_OF_ONE(tulle_ref_neg_i8, int8_t, int8_t, struct tulle_nothing, (int8_t)-a)
TULLE_ROW_OF_ONE(tulle_ref_neg_i16, int16_t, int16_t, struct tulle_nothing, (int16_t)-a)
TULLE_ROW_OF_ONE(tulle_ref_neg_i32, int32_t, int32_t, struct tulle_nothing, (int32_t)(0u - (uint32_t)a))
TULLE_ROW_OF_ONE(tulle_ref_neg_i64, int64_t, int64_t, struct tulle_nothing, (int64_t)(UINT64_C(0) - (uint64_t)a))

#endif
