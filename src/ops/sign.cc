// SIGN: -1, 0 or 1; NaN of NaN.
#include "ops/sign.ref.h"

#include "ops/broadcast.h"

namespace tulle::ops {

constexpr TypedRow kRows[] = {
    {DType::kFloat32, tulle_ref_sign_f32},
    {DType::kFloat64, tulle_ref_sign_f64},
    {DType::kInt32, tulle_ref_sign_i32},
};

extern const Op op_sign = {
    .types = "T > T : T=f32 f64 i32",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return broadcast(site, kRows); },
    .in_place = 1,
};

}  // namespace tulle::ops
