// Tensors cut into parts along one axis, or joined from them.
#pragma once

#include "ops/strided.h"

namespace tulle::ops {

/// Copies from `input` to outputs 0, 1, …, which take parts[i] of the elements along the axis each, in order.
std::vector<Copy> cut(int input, const Shape& whole, int axis, std::span<const int64_t> parts, int64_t element_bytes);
/// The reverse: copies from inputs 0, 1, … to output 0.
std::vector<Copy> join(const Shape& whole, int axis, std::span<const int64_t> parts, int64_t element_bytes);

}  // namespace tulle::ops
