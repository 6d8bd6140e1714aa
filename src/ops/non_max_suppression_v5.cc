// NON_MAX_SUPPRESSION_V5: the soft form, which lowers the scores of overlapping boxes and hands scores back.
#include "ops/non_max_suppression.h"

namespace tulle::ops {

extern const Op op_non_max_suppression_v5 = {
    .types = "f32 f32 i32 f32 f32 f32 > i32 f32 i32",
    .shape = non_max_suppression_shape,
    .prepare = non_max_suppression,
};

}  // namespace tulle::ops
