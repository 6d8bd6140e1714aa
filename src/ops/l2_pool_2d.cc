// L2_POOL_2D: the root of the mean square of the taps inside the image.
#include "ops/pool.h"

namespace tulle::ops {

extern const Op op_l2_pool_2d = {
    .types = "f32 > f32",
    .shape = pool_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      TULLE_TRY(const tulle_pool over, pool(site));
      TULLE_TRY(const tulle_range_f32 range, pool_range(site));
      return pool_kernel(site, over, range, tulle_ref_l2_pool_2d_f32);
    },
};

}  // namespace tulle::ops
