// Operands and attributes that say where and how much: axes, dimensions, indices; and checks of quantisation.
#pragma once

#include <vector>

#include "ops/op.h"

namespace tulle::ops {

/// The values of a known operand of type bool, int8, int16, int32 or int64.
std::vector<int64_t> integers(const Site& site, int i);

/// The axis in 0…rank-1 that `axis` means, counted from the end where it is negative.
Result<int> find_axis(const Site& site, int64_t axis, int rank);

/// The shape with these dimensions; an error where there are too many or one is negative or too large.
Result<Shape> make_shape(const Site& site, std::span<const int64_t> dims);

/// Where both are quantised integers: an error unless zero points are the same, and scales so nearly that every code
/// stands nearest to the same code of the other. Converters let scales drift in their last bits.
Result<void> same_quantization(const Site& site, const Tensor& a, const Tensor& b);

}  // namespace tulle::ops
