// What operators share that run one recurrent layer forwards and another backwards over a sequence.
#pragma once

#include "ops/recurrent.h"

namespace tulle::ops {

/// The second input of a node: beside the first in both layers where it has weights, else instead of it in the backward
/// one. Checks that its shape allows that.
Result<void> check_aux_input(const Site& site, int aux_input, int aux_weights);

/// Sets the shape of the outputs: both layers in output 0 where the attribute `merge_outputs` says so, else one each.
Result<void> set_bidirectional_shapes(Site& site, int32_t forward, int32_t backward);

}  // namespace tulle::ops
