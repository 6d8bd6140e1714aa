// TRANSPOSE_CONV by ordinary convolutions: the outputs of one row and column modulo the strides see taps that lie a
// stride apart, and with those each is a convolution of the input, a phase.
#pragma once

#include <optional>

#include "ops/conv.h"

namespace tulle::ops {

// Each returns nothing where the plain loops have to do it. `plan` is that of the operator.
Result<std::optional<Kernel>> transposed_floats(Site& site, const ConvPlan& plan, RangeF32 range);
Result<std::optional<Kernel>> transposed_codes(Site& site, const ConvPlan& plan, const Rescale& to);

}  // namespace tulle::ops
