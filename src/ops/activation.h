// The range that a fused activation leaves, in reals and in the codes of a quantised output.
#pragma once

#include "ops/op.h"

namespace tulle::ops {

struct RangeF32 {
  float low, high;
};
struct RangeI32 {
  int32_t low, high;
};

/// NONE, RELU, RELU_N1_TO_1, RELU6 as bounds; any other name in the attribute `fused_activation_function` (TANH,
/// SIGN_BIT) is an error.
Result<RangeF32> activation_range(const Site& site);
/// The same in the codes of the int8, uint8 or int16 output: each bound is round(real / scale) + zero point, clamped.
Result<RangeI32> activation_codes(const Site& site, const Tensor& output);

}  // namespace tulle::ops
