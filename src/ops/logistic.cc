// LOGISTIC: float32 by the formula; 8-bit by a table of all answers; int16 by interpolation.
#include "ops/sigmoid.h"

namespace tulle::ops {

extern const Op op_logistic = {
    .types = "T > T : T=f32 i8 u8 i16",
    .shape = same_shape,
    .prepare =
        [](Site& site) {
          return sigmoid(site, tulle_ref_logistic_f32, &kernels::Kernels::logistic, tulle_ref_logistic_i16, 0);
        },
    .in_place = 1,
    .piecewise = true,
};

}  // namespace tulle::ops
