// REDUCE_ALL: whether all elements are true, over the dimensions that input 1 lists.
#include "ops/reduce.h"

namespace tulle::ops {

extern const Op op_reduce_all = {
    .types = "bool i32 > bool",
    .shape = reduced_shape,
    .prepare = [](Site& site) -> Result<Kernel> { return fold_in_place<uint8_t>(site, tulle_ref_reduce_all_bool, 1); },
};

}  // namespace tulle::ops
