// LOGICAL_NOT: whether an operand is false.
#include "ops/logical.ref.h"

#include "ops/broadcast.h"

namespace tulle::ops {

constexpr TypedRow kRows[] = {
    {DType::kBool, tulle_ref_logical_not_bool},
};

extern const Op op_logical_not = {
    .types = "bool > bool",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return broadcast(site, kRows); },
    .in_place = 1,
};

}  // namespace tulle::ops
