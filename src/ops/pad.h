// What the paddings of PAD, PADV2 and MIRROR_PAD have in common.
#pragma once

#include <array>
#include <cstddef>

#include "ops/op.h"

namespace tulle::ops {

/// Elements added in front of and behind each dimension.
struct Paddings {
  std::array<int64_t, kMaxRank> before = {}, after = {};
};

/// The paddings that the known input 1 holds, one pair for each dimension of input 0; none may be negative.
Result<Paddings> read_paddings(const Site& site);

/// A shape rule: each dimension of input 0 grows by its paddings.
Result<void> padded_shape(Site& site);

/// The bytes of a zero of this tensor, which is its zero point where it is a quantised integer.
using ZeroBytes = std::array<std::byte, 16>;
Result<ZeroBytes> zero_of(const Tensor& tensor, const Site& site);

/// Prepares PAD and PADV2: what is added is input 2, or where there is none, zero (as the output's scale has it).
Result<Kernel> prepare_pad(Site& site);

}  // namespace tulle::ops
