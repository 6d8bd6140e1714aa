// ARG_MIN: the position of the smallest element along the dimension that input 1 names.
#include "ops/arg.h"
#include "ops/loops.h"

namespace tulle::ops {

extern const Op op_arg_min = {
    .types = kArgTypes,
    .shape = arg_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      const Loops& with = loops(site);
      switch (site.in(0).dtype) {
        case DType::kFloat32: return find_best(site, with.tulle_ref_arg_min_f32);
        case DType::kInt8: return find_best(site, with.tulle_ref_arg_min_i8);
        case DType::kUint8: return find_best(site, with.tulle_ref_arg_min_u8);
        case DType::kInt32: return find_best(site, with.tulle_ref_arg_min_i32);
        default: return find_best(site, tulle_ref_arg_min_bool);
      }
    },
};

}  // namespace tulle::ops
