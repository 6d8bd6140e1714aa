/* Exclusive or of integers. */
#ifndef TULLE_OPS_BITWISE_XOR_REF_H
#define TULLE_OPS_BITWISE_XOR_REF_H

#include "ops/broadcast.ref.h"

#define TULLE_XOR(TAG, T) TULLE_ROW_OF_TWO(tulle_ref_bitwise_xor_##TAG, T, T, struct tulle_nothing, (T)(a ^ b))
TULLE_XOR(i8, int8_t)
TULLE_XOR(u8, uint8_t)
TULLE_XOR(i16, int16_t)
TULLE_XOR(u16, uint16_t)
TULLE_XOR(i32, int32_t)
TULLE_XOR(u32, uint32_t)
#undef TULLE_XOR

#endif
