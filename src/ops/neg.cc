// NEG: -x, of quantised numbers that of the code.
#include "ops/neg.ref.h"

#include "ops/broadcast.h"

namespace tulle::ops {

constexpr TypedRow kRows[] = {
    {DType::kFloat32, tulle_ref_neg_f32}, {DType::kFloat16, tulle_ref_neg_sign}, {DType::kBfloat16, tulle_ref_neg_sign},
    {DType::kInt8, tulle_ref_neg_i8},     {DType::kInt16, tulle_ref_neg_i16},    {DType::kInt32, tulle_ref_neg_i32},
    {DType::kInt64, tulle_ref_neg_i64},
};

extern const Op op_neg = {
    .types = "T > T : T=f32 f16 bf16 i8 i16 i32 i64",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return broadcast(site, kRows); },
    .in_place = 1,
};

}  // namespace tulle::ops
