// LSTM with kernel type BASIC: a bare cell that hands its activation and state back as outputs.
#pragma once

#include "ops/op.h"

namespace tulle::ops {

/// Inputs: input, last activation, weights, bias, last state. Outputs: activation, state, and two that hold what the
/// cell computes on the way: input and activation joined, and the gates.
Result<void> lstm_basic_shape(Site& site);
Result<Kernel> lstm_basic(Site& site);

}  // namespace tulle::ops
