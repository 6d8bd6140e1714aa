// ABS: |x|.
#include "ops/abs.ref.h"

#include "ops/arithmetic.h"

namespace tulle::ops {
namespace {

Result<Kernel> prepare(Site& site) {
  const DType type = site.in(0).dtype;
  if (type == DType::kInt8 || (type == DType::kInt16 && is_quantized(site.in(0)))) {
    TULLE_TRY(const tulle_rescaling codes, rescaling(site));
    return broadcast(site, type == DType::kInt8 ? tulle_ref_abs_i8 : tulle_ref_abs_q16, codes);
  }
  static constexpr TypedRow kRows[] = {
      {DType::kFloat32, tulle_ref_abs_f32}, {DType::kInt16, tulle_ref_abs_i16}, {DType::kInt32, tulle_ref_abs_i32}};
  return broadcast(site, kRows);
}

}  // namespace

extern const Op op_abs = {
    .types = "T > T : T=f32 i8 i16 i32",
    .shape = broadcast_shape,
    .prepare = prepare,
    .in_place = 1,
};

}  // namespace tulle::ops
