// SQUARE: x^2.
#include "ops/square.ref.h"

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_square = {
    .types = "f32 > f32",
    .shape = same_shape,
    .prepare = [](Site& site) { return unary(site, tulle_ref_square_f32); },
    .in_place = 1,
};

}  // namespace tulle::ops
