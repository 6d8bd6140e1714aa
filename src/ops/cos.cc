// COS: the cosine.
#include "ops/cos.ref.h"

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_cos = {
    .types = "T > T : T=f32 f16",
    .shape = same_shape,
    .prepare = [](Site& site) { return unary(site, tulle_ref_cos_f32); },
    .in_place = 1,
};

}  // namespace tulle::ops
