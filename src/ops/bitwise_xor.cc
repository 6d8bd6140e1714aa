// BITWISE_XOR: the bits in which two integers that stretch to a common shape differ.
#include "ops/bitwise_xor.ref.h"

#include "ops/broadcast.h"

namespace tulle::ops {

constexpr TypedRow kRows[] = {
    {DType::kInt8, tulle_ref_bitwise_xor_i8},   {DType::kUint8, tulle_ref_bitwise_xor_u8},
    {DType::kInt16, tulle_ref_bitwise_xor_i16}, {DType::kUint16, tulle_ref_bitwise_xor_u16},
    {DType::kInt32, tulle_ref_bitwise_xor_i32}, {DType::kUint32, tulle_ref_bitwise_xor_u32},
};

extern const Op op_bitwise_xor = {
    .types = "T T > T : T=i8 u8 i16 u16 i32 u32",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return broadcast(site, kRows); },
    .in_place = 3,
};

}  // namespace tulle::ops
