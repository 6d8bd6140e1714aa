// REDUCE_ANY: whether one element is true, over the dimensions that input 1 lists.
#include "ops/reduce.h"

namespace tulle::ops {

extern const Op op_reduce_any = {
    .types = "bool i32 > bool",
    .shape = reduced_shape,
    .prepare = [](Site& site) -> Result<Kernel> { return fold_in_place<uint8_t>(site, tulle_ref_reduce_any_bool, 0); },
};

}  // namespace tulle::ops
