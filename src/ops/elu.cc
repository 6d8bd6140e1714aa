// ELU: float32 by the loop; int8 by a table of all 256 answers.
#include "ops/elu.ref.h"

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_elu = {
    .types = "f32 > f32; i8 > i8",
    .shape = same_shape,
    .prepare = [](Site& site) { return unary(site, tulle_ref_elu_f32); },
    .in_place = 1,
};

}  // namespace tulle::ops
