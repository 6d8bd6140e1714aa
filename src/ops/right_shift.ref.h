/* Arithmetic right shifts of integers by at least 0 and at most all bits but one. */
#ifndef TULLE_OPS_RIGHT_SHIFT_REF_H
#define TULLE_OPS_RIGHT_SHIFT_REF_H

#include "ops/broadcast.ref.h"

#define TULLE_SHIFT(TAG, T, LAST)                                           \
  TULLE_ROW_OF_TWO(tulle_ref_right_shift_##TAG, T, T, struct tulle_nothing, \
                   (T)(a >> (b > (LAST) ? (LAST)                            \
                             : b < (T)1 ? 0                                 \
                                        : (int)b)))
TULLE_SHIFT(i8, int8_t, 7)
TULLE_SHIFT(u8, uint8_t, 7)
TULLE_SHIFT(i16, int16_t, 15)
TULLE_SHIFT(u16, uint16_t, 15)
TULLE_SHIFT(i32, int32_t, 31)
TULLE_SHIFT(u32, uint32_t, 31)
#undef TULLE_SHIFT

#endif
