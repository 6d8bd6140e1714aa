// ARG_MIN: the position of the smallest element along the dimension that input 1 names.
#include "ops/arg.h"
#include "ops/loops.h"

namespace tulle::ops {

extern const Op op_arg_min = {
    .types = kArgTypes,
    .shape = arg_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      const Loops& with = loops(site);
      return find_best(site, {with.tulle_ref_arg_min_f32, with.tulle_ref_arg_min_i8, with.tulle_ref_arg_min_u8,
                              with.tulle_ref_arg_min_i32, tulle_ref_arg_min_bool});
    },
};

}  // namespace tulle::ops
