// RIGHT_SHIFT: a / 2^b rounded down, of two operands that stretch to a common shape.
#include "ops/right_shift.ref.h"

#include "ops/broadcast.h"

namespace tulle::ops {

constexpr TypedRow kRows[] = {
    {DType::kInt8, tulle_ref_right_shift_i8},   {DType::kUint8, tulle_ref_right_shift_u8},
    {DType::kInt16, tulle_ref_right_shift_i16}, {DType::kUint16, tulle_ref_right_shift_u16},
    {DType::kInt32, tulle_ref_right_shift_i32}, {DType::kUint32, tulle_ref_right_shift_u32},
};

extern const Op op_right_shift = {
    .types = "T T > T : T=i8 u8 i16 u16 i32 u32",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return broadcast(site, kRows); },
    .in_place = 3,
};

}  // namespace tulle::ops
