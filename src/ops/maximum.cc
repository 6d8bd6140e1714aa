// MAXIMUM: the larger of two operands that stretch to a common shape.
#include "ops/broadcast.h"
#include "ops/extremum.ref.h"
#include "ops/operand.h"

namespace tulle::ops {

constexpr TypedRow kRows[] = {
    {DType::kFloat32, tulle_ref_maximum_f32},   {DType::kFloat16, tulle_ref_maximum_f16},
    {DType::kBfloat16, tulle_ref_maximum_bf16}, {DType::kInt8, tulle_ref_maximum_i8},
    {DType::kUint8, tulle_ref_maximum_u8},      {DType::kInt16, tulle_ref_maximum_i16},
    {DType::kInt32, tulle_ref_maximum_i32},     {DType::kInt64, tulle_ref_maximum_i64},
};

extern const Op op_maximum = {
    .types = "T T > T : T=f32 f16 bf16 i8 u8 i16 i32 i64",
    .shape = broadcast_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      TULLE_CHECK(same_quantization(site, site.in(0), site.in(1)));
      TULLE_CHECK(same_quantization(site, site.in(0), site.out(0)));
      return broadcast(site, kRows);
    },
    .in_place = 3,
};

}  // namespace tulle::ops
