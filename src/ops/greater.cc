// GREATER: whether a > b, of two operands that stretch to a common shape.
#include "ops/comparison.h"

namespace tulle::ops {

constexpr Comparison kRows = TULLE_COMPARISON_OF(tulle_ref_greater);

extern const Op op_greater = {
    .types = "T T > bool : T=f32 f16 bf16 i8 u8 i16 i32 i64",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return order(site, kRows); },
    .in_place = 3,
};

}  // namespace tulle::ops
