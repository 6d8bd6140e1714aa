// EQUAL: whether a = b, of two operands that stretch to a common shape.
#include "ops/comparison.h"

namespace tulle::ops {

constexpr Comparison kRows = TULLE_COMPARISON_OF(tulle_ref_equal);

extern const Op op_equal = {
    .types = "T T > bool : T=bool f32 f16 i8 u8 i16 i32 i64 str",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return equality(site, kRows); },
};

}  // namespace tulle::ops
