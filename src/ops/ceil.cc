// CEIL: the next integer up.
#include "ops/ceil.ref.h"

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_ceil = {
    .types = "f32 > f32",
    .shape = same_shape,
    .prepare = [](Site& site) { return unary(site, tulle_ref_ceil_f32); },
    .in_place = 1,
};

}  // namespace tulle::ops
