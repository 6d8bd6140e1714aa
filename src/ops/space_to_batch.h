// What SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND share: their operands, checked.
#pragma once

#include <optional>

#include "ops/op.h"
#include "ops/space_to_batch.ref.h"

namespace tulle::ops {

/// The block shape and the paddings (or crops), for height and width; a tensor of three dimensions has a width of 1.
struct Blocks {
  int64_t block[2] = {1, 1}, before[2] = {}, after[2] = {};
};

/// Inputs 1 and 2 as blocks for an input 0 of three or four dimensions; nothing where they are not known yet.
Result<std::optional<Blocks>> read_blocks(const Site& site);

/// The loops between tensors of these shapes.
tulle_space_batch space_batch(const Shape& space, const Shape& batches, const Blocks& blocks, int64_t element_bytes);

}  // namespace tulle::ops
