// A convolution that takes over the PAD in front of it.
#pragma once

#include "ops/conv.h"

namespace tulle::ops {

/// Where a PAD makes the input of the window for this node alone, adds rows and columns that count as 0, and kernels
/// give the same bits without it: the input is from now on what the PAD read, and the window is padded as much more.
void take_over_pad(Site& site, ConvPlan& plan);

}  // namespace tulle::ops
