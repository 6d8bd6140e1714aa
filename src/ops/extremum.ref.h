/* The larger and the smaller of two numbers; the second where they don't compare. */
#ifndef TULLE_OPS_EXTREMUM_REF_H
#define TULLE_OPS_EXTREMUM_REF_H

#include "ops/broadcast.ref.h"
#include "ops/half.ref.h"

#define TULLE_EXTREMUM(TAG, T, VALUE)                                                                \
  TULLE_ROW_OF_TWO(tulle_ref_maximum_##TAG, T, T, struct tulle_nothing, VALUE(a) > VALUE(b) ? a : b) \
  TULLE_ROW_OF_TWO(tulle_ref_minimum_##TAG, T, T, struct tulle_nothing, VALUE(a) < VALUE(b) ? a : b)
TULLE_EXTREMUM(f32, float, )
TULLE_EXTREMUM(f16, uint16_t, tulle_from_f16)
TULLE_EXTREMUM(bf16, uint16_t, tulle_from_bf16)
TULLE_EXTREMUM(i8, int8_t, )
TULLE_EXTREMUM(u8, uint8_t, )
TULLE_EXTREMUM(i16, int16_t, )
TULLE_EXTREMUM(i32, int32_t, )
TULLE_EXTREMUM(i64, int64_t, )
#undef TULLE_EXTREMUM

#endif
