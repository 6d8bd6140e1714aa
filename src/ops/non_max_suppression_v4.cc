// NON_MAX_SUPPRESSION_V4: the plain form.
#include "ops/non_max_suppression.h"

namespace tulle::ops {

extern const Op op_non_max_suppression_v4 = {
    .types = "f32 f32 i32 f32 f32 > i32 i32",
    .shape = non_max_suppression_shape,
    .prepare = non_max_suppression,
};

}  // namespace tulle::ops
