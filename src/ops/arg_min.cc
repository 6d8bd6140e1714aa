// ARG_MIN: the position of the smallest element along the dimension that input 1 names.
#include "ops/arg.h"

namespace tulle::ops {

constexpr TypedArg kLoops[] = {
    {DType::kFloat32, tulle_ref_arg_min_f32}, {DType::kInt8, tulle_ref_arg_min_i8},
    {DType::kUint8, tulle_ref_arg_min_u8},    {DType::kInt32, tulle_ref_arg_min_i32},
    {DType::kBool, tulle_ref_arg_min_bool},
};

extern const Op op_arg_min = {
    .types = kArgTypes,
    .shape = arg_shape,
    .prepare = [](Site& site) { return find_best(site, kLoops); },
};

}  // namespace tulle::ops
