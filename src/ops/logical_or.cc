// LOGICAL_OR: whether one of two operands that stretch to a common shape is true.
#include "ops/logical.ref.h"

#include "ops/broadcast.h"

namespace tulle::ops {

constexpr TypedRow kRows[] = {
    {DType::kBool, tulle_ref_logical_or_bool},
};

extern const Op op_logical_or = {
    .types = "bool bool > bool",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return broadcast(site, kRows); },
    .in_place = 3,
};

}  // namespace tulle::ops
