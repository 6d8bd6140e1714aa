// What SPACE_TO_DEPTH and DEPTH_TO_SPACE, each the other's reverse, share.
#pragma once

#include "ops/strided.h"

namespace tulle::ops {

/// The block size, at least 1.
Result<int64_t> block_size(const Site& site);

/// The copy from `space` [n,h*block,w*block,c] to [n,h,w,block*block*c].
tulle_strided space_to_depth(const Shape& space, int64_t block, int64_t element_bytes);

}  // namespace tulle::ops
