// What operators of one operand, element by element, share.
#pragma once

#include "ops/op.h"

namespace tulle::ops {

/// A shape rule: output 0 has the shape of input 0.
Result<void> same_shape(Site& site);

/// y[i] = f(x[i]) for i < count; x and y may be the same array.
using UnaryF32 = void (*)(const float* x, float* y, int32_t count);

/// Prepares a float32 node with the loop, and an int8 or uint8 node with a table of its 256 answers, each
/// dequantised, put through the loop, divided by the output's scale, rounded half away from zero and clamped.
Result<Kernel> unary(Site& site, UnaryF32 loop);

}  // namespace tulle::ops
