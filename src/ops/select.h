// What SELECT and SELECT_V2 share.
#pragma once

#include "ops/broadcast.h"

namespace tulle::ops {

/// The kernel that takes each element from input 1 where `condition` (input 0, perhaps of another shape) is true, from
/// input 2 elsewhere.
Result<Kernel> choose(const Site& site, const Tensor& condition);

/// Whether the operands and the output as the model declares it all have one element: the output then keeps its shape,
/// whatever the ranks of the inputs.
bool is_one_element(const Site& site);
/// The shape of output 0 as the model declares it.
const Shape& declared_shape(const Site& site);

inline constexpr const char* kSelectTypes =
    "bool T T > T : T=f32 f16 bf16 f64 i8 u8 i16 u16 i32 u32 i64 u64 bool c64 c128 f8e4 f8e5";

}  // namespace tulle::ops
