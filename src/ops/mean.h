// What MEAN and SUM of codes share.
#pragma once

#include "ops/arithmetic.h"
#include "ops/mean.ref.h"
#include "ops/reduce.h"

namespace tulle::ops {

/// The factor of sums of this many codes.
using FactorOf = tulle_factor (*)(tulle_factor factor, int64_t terms);

/// The kernel for int8, uint8 and int16: a wrapping 32-bit sum of codes, then the sum of zero points off, then the
/// factor of the scales as `factor_of` changes it. Nothing folded gives zero points.
Result<Kernel> fold_codes(Site& site, FactorOf factor_of);

}  // namespace tulle::ops
