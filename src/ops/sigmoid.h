// The preparation that LOGISTIC and TANH share.
#pragma once

#include "ops/logistic.ref.h"
#include "ops/op.h"
#include "ops/unary.h"

namespace tulle::ops {

using SigmoidI16 = void (*)(const int16_t* x, int64_t count, tulle_sigmoid_scale by, const tulle_sigmoid_table* table,
                            int16_t* y);

/// Prepares float32, int8 and uint8 nodes as `unary` does, and an int16 node, whose output scale must be 2^-15, with
/// its loop. Input scales of 2^-12, and up to 2^`max_shift` times that, need no rounding.
Result<Kernel> sigmoid(Site& site, UnaryF32 reals, FastF32 fast, SigmoidI16 codes, int max_shift);

}  // namespace tulle::ops
