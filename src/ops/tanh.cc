// TANH: float32 by the formula; 8-bit by a table of all answers; int16 by interpolation.
#include "ops/sigmoid.h"

namespace tulle::ops {

extern const Op op_tanh = {
    .types = "T > T : T=f32 i8 u8 i16",
    .shape = same_shape,
    .prepare =
        [](Site& site) { return sigmoid(site, tulle_ref_tanh_f32, &kernels::Kernels::tanh, tulle_ref_tanh_i16, 1); },
    .in_place = 1,
    .piecewise = true,
};

}  // namespace tulle::ops
