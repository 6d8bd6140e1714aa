// What the two versions of non-maximum suppression share.
#pragma once

#include "ops/op.h"

namespace tulle::ops {

/// Inputs: boxes [n, 4], scores [n], then scalars: the most boxes to pick, the overlap limit, the score limit and,
/// where there is one, sigma. Outputs: picked boxes, their scores where there is a sigma, both with zeros behind the
/// last, and how many there are.
Result<void> non_max_suppression_shape(Site& site);
Result<Kernel> non_max_suppression(Site& site);

}  // namespace tulle::ops
