// ELU: x where x is positive, else e^x - 1.
#include "ops/elu.ref.h"

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_elu = {
    .types = "T > T : T=f32 i8",
    .shape = same_shape,
    .prepare = [](Site& site) { return unary(site, tulle_ref_elu_f32); },
    .in_place = 1,
    .piecewise = true,
};

}  // namespace tulle::ops
