// GELU: x times the probability that a normal variable is below x.
#include "ops/gelu.ref.h"

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_gelu = {
    .types = "T > T : T=f32 f16 i8 u8 i16",
    .shape = same_shape,
    .prepare =
        [](Site& site) {
          return site.attributes().flag("approximate")
                     ? unary(site, tulle_ref_gelu_by_tanh_f32, &kernels::Kernels::gelu_by_tanh)
                     : unary(site, tulle_ref_gelu_f32, &kernels::Kernels::gelu);
        },
    .in_place = 1,
    .piecewise = true,
};

}  // namespace tulle::ops
