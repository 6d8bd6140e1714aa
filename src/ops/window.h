// Attributes of a sliding window (padding, strides, dilations), checked and turned into numbers.
#pragma once

#include "ops/op.h"
#include "ops/window.ref.h"

namespace tulle::ops {

struct Steps {
  int32_t out, pad;
};

/// How many positions a window takes along one dimension, and how far the first hangs over its edge. `padding` is SAME
/// or VALID; stride and dilation are at least 1, a window reaches over less than 2^30 inputs.
Result<Steps> steps(const Site& site, int32_t size, int32_t taps, int64_t stride, int64_t dilation);

/// The window of a node over an image [batch, height, width, channels], from the attributes padding, stride_h, stride_w
/// and, where there, dilation_h_factor, dilation_w_factor.
Result<tulle_window> window(const Site& site, const Shape& image, int32_t taps_h, int32_t taps_w);

}  // namespace tulle::ops
