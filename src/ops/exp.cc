// EXP: e^x.
#include "ops/exp.ref.h"

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_exp = {
    .types = "T > T : T=f32 i8 i16",
    .shape = same_shape,
    .prepare = [](Site& site) { return unary(site, tulle_ref_exp_f32, &kernels::Kernels::exp); },
    .in_place = 1,
};

}  // namespace tulle::ops
