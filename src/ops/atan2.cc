// ATAN2: the angle of the point (b, a), of two operands that stretch to a common shape.
#include "ops/atan2.ref.h"

#include "ops/broadcast.h"

namespace tulle::ops {

constexpr TypedRow kRows[] = {
    {DType::kFloat32, tulle_ref_atan2_f32},
    {DType::kFloat16, tulle_ref_atan2_f16},
    {DType::kBfloat16, tulle_ref_atan2_bf16},
    {DType::kFloat64, tulle_ref_atan2_f64},
};

extern const Op op_atan2 = {
    .types = "T T > T : T=f32 f16 bf16 f64",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return broadcast(site, kRows); },
    .in_place = 3,
};

}  // namespace tulle::ops
