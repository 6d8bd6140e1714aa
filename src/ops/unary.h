// What operators of one operand, element by element, share.
#pragma once

#include "kernels/kernels.h"
#include "ops/lookup.ref.h"
#include "ops/op.h"

namespace tulle::ops {

/// A shape rule: output 0 has the shape of input 0.
Result<void> same_shape(Site& site);

/// y[i] = f(x[i]) for i < count; x and y may be the same array.
using UnaryF32 = void (*)(const float* x, float* y, int32_t count);
/// One of the float kernels.
using FastF32 = void (*kernels::Kernels::*)(const float* x, float* y, int64_t count);

/// Prepares a node of any of these types:
/// * float32: the loop itself; float16 and bfloat16: the loop between conversions;
/// * int8 and uint8: a table of all 256 answers, each dequantised, put through the loop, divided by the output's scale,
///   rounded half away from zero and clamped;
/// * int16: a table of 513 answers with straight lines between, each shifted by half the error of its line's middle.
/// In tables a NaN has the lowest code. `fast` does the same for float32, within a few units in the last place.
Result<Kernel> unary(Site& site, UnaryF32 loop, FastF32 fast = nullptr);

/// A kernel that looks the 8-bit codes of an input up.
Kernel look_up(const Site& site, const tulle_table_8& table, int input = 0);

/// A kernel that runs a float kernel over an input; site.float_kernels() must not be null.
Kernel by_kernel(const Site& site, FastF32 fast, int input = 0);

}  // namespace tulle::ops
