// Convolutions of real activations by vector kernels: float weights, and integer ones.
#pragma once

#include <optional>
#include <vector>

#include "ops/activation.h"
#include "ops/op.h"

namespace tulle::ops {

struct ConvPlan;

// Each returns nothing where the plain loops have to do it.
Result<std::optional<Kernel>> fast_floats(Site& site, const ConvPlan& plan, RangeF32 range);
Result<std::optional<Kernel>> fast_hybrid(Site& site, const ConvPlan& plan, RangeF32 range,
                                          const std::vector<float>& scales);

}  // namespace tulle::ops
