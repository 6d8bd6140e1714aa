// SQUARED_DIFFERENCE: (a - b)^2 of two operands that stretch to a common shape.
#include "ops/squared_difference.ref.h"

#include "ops/arithmetic.h"
#include "ops/loops.h"

namespace tulle::ops {

extern const Op op_squared_difference = {
    .types = "T T > T : T=f32 i32 i8",
    .shape = broadcast_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      if (site.in(0).dtype == DType::kInt8) {
        TULLE_TRY(const tulle_common_scale scale, common_scale(site, 7, 2));
        return broadcast(site, loops(site).tulle_ref_squared_difference_i8, scale);
      }
      const TypedRow rows[] = {{DType::kFloat32, loops(site).tulle_ref_squared_difference_f32},
                               {DType::kInt32, tulle_ref_squared_difference_i32}};
      return broadcast(site, rows);
    },
    .in_place = 3,
};

}  // namespace tulle::ops
