// LOGICAL_AND: whether both of two operands that stretch to a common shape are true.
#include "ops/logical.ref.h"

#include "ops/broadcast.h"

namespace tulle::ops {

constexpr TypedRow kRows[] = {
    {DType::kBool, tulle_ref_logical_and_bool},
};

extern const Op op_logical_and = {
    .types = "bool bool > bool",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return broadcast(site, kRows); },
    .in_place = 3,
};

}  // namespace tulle::ops
