// What MEAN and SUM of codes share.
#pragma once

#include "ops/arithmetic.h"
#include "ops/mean.ref.h"
#include "ops/reduce.h"

namespace tulle::ops {

/// What becomes of sums of this many codes, one or more.
using ResultOf = tulle_result (*)(tulle_result to, int64_t terms);

/// The kernel for int8, uint8 and int16: a wrapping 32-bit sum of codes, then the sum of zero points off, then brought
/// to output 0 as `result_of` says.
Result<Kernel> fold_codes(Site& site, ResultOf result_of);

}  // namespace tulle::ops
