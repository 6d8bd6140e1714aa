// What RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR share.
#pragma once

#include "ops/op.h"
#include "ops/resize.ref.h"

namespace tulle::ops {

/// A shape rule: [n,h,w,c] to the height and width that input 1 holds.
Result<void> resized_shape(Site& site);

/// Sizes and flags of a node with known shapes.
tulle_resize resize_params(const Site& site);

}  // namespace tulle::ops
