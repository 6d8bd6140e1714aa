// What the operators that keep numbers between two bounds share.
#pragma once

#include "ops/op.h"

namespace tulle::ops {

/// The kernel for float32, int8, uint8 and int16; `high` may be infinite. The bounds of codes are those of the output
/// type and the codes nearest to the reals.
Result<Kernel> relu(const Site& site, float low, float high);

}  // namespace tulle::ops
