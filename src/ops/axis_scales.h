// Quantisation of filters: scales along the output channels, and zero points that must be 0.
#pragma once

#include <string_view>
#include <vector>

#include "ops/op.h"

namespace tulle::ops {

/// One scale for each index of dimension `axis`: as listed, or one scale for all, repeated (its axis is ignored then).
/// `role` names the operand in messages: "filter".
Result<std::vector<float>> axis_scales(const Site& site, const Tensor& tensor, int axis, std::string_view role);

/// An error unless every zero point of the tensor is 0.
Result<void> check_symmetric(const Site& site, const Tensor& tensor, std::string_view role);

}  // namespace tulle::ops
