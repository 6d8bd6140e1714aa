// Erf: the Gauss error function.
#include "ops/erf.ref.h"

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_erf = {
    .types = "T > T : T=f32 i8",
    .shape = same_shape,
    .prepare = [](Site& site) { return unary(site, tulle_ref_erf_f32); },
    .in_place = 1,
};

}  // namespace tulle::ops
