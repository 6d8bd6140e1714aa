// AVERAGE_POOL_2D: the mean of the taps inside the image.
#include "ops/loops.h"
#include "ops/pool.h"

namespace tulle::ops {

extern const Op op_average_pool_2d = {
    .types = "T > T : T=f32 i8 u8 i16",
    .shape = pool_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      TULLE_TRY(const tulle_pool over, pool(site));
      if (site.in(0).dtype == DType::kFloat32) {
        TULLE_TRY(const tulle_range_f32 range, pool_range(site));
        return pool_kernel(site, over, range, loops(site).tulle_ref_average_pool_2d_f32);
      }
      TULLE_TRY(const tulle_range_i32 range, pool_codes(site));
      const bool few = int64_t{over.window.taps_h} * over.window.taps_w < 1 << 22;
      switch (site.in(0).dtype) {
        case DType::kInt8:
          return few ? pool_kernel(site, over, range, loops(site).tulle_ref_average_pool_2d_i8_short)
                     : pool_kernel(site, over, range, tulle_ref_average_pool_2d_i8);
        case DType::kUint8:
          return few ? pool_kernel(site, over, range, loops(site).tulle_ref_average_pool_2d_u8_short)
                     : pool_kernel(site, over, range, tulle_ref_average_pool_2d_u8);
        default: return pool_kernel(site, over, range, tulle_ref_average_pool_2d_i16);
      }
    },
};

}  // namespace tulle::ops
