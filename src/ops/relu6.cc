// RELU6: x between 0 and 6, the nearer bound outside.
#include "ops/relu.h"
#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_relu6 = {
    .types = "T > T : T=f32 i8 u8 i16",
    .shape = same_shape,
    .prepare = [](Site& site) { return relu(site, 0.0f, 6.0f); },
    .in_place = 1,
    .piecewise = true,
};

}  // namespace tulle::ops
