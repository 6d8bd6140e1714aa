// RELU_N1_TO_1: x between -1 and 1, the nearer bound outside.
#include "ops/relu.h"
#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_relu_n1_to_1 = {
    .types = "T > T : T=f32 i8 u8",
    .shape = same_shape,
    .prepare = [](Site& site) { return relu(site, -1.0f, 1.0f); },
    .in_place = 1,
    .piecewise = true,
};

}  // namespace tulle::ops
