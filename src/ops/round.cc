// ROUND: the nearest integer, of two the even one.
#include "ops/round.ref.h"

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_round = {
    .types = "T > T : T=f32 f16 bf16",
    .shape = same_shape,
    .prepare = [](Site& site) { return unary(site, tulle_ref_round_f32); },
    .in_place = 1,
};

}  // namespace tulle::ops
