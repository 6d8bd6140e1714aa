// SUM: the sum over the dimensions that input 1 lists.
#include "ops/mean.h"

namespace tulle::ops {

extern const Op op_sum = {
    .types = "T i32 > T : T=f32 i8 u8 i16 i32 i64",
    .shape = reduced_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      switch (site.in(0).dtype) {
        case DType::kFloat32:
          return [reduction = plan_reduction(site, sizeof(float)), by = real_sums(site)](const Io& io) -> Result<void> {
            fold_reals(io, reduction, by, io.out<float>(0));
            return {};
          };
        case DType::kInt32: return fold_in_place<int32_t>(site, tulle_ref_sum_i32, 0);
        case DType::kInt64: return fold_in_place<int64_t>(site, tulle_ref_sum_i64, 0);
        default: return fold_codes(site, [](tulle_result to, int64_t) { return to; });
      }
    },
};

}  // namespace tulle::ops
