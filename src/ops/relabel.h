// What operators that give the same bytes another shape share.
#pragma once

#include "ops/op.h"

namespace tulle::ops {

/// A kernel that copies the bytes of input 0 to output 0, or does nothing where they lie in the same place.
Result<Kernel> relabel(Site& site);

}  // namespace tulle::ops
