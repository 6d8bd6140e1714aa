// Scales of a table whose rows are cut into blocks, each with a scale of its own.
#pragma once

#include <string_view>
#include <vector>

#include "ops/op.h"

namespace tulle::ops {

/// Whether input i is quantised by blocks.
bool is_blockwise(const Site& site, int i);

/// One scale for each block of each row of input i, which is blockwise; `role` names it in messages. The blocks divide
/// the rows of `columns`; their size stands in the quantisation.
Result<std::vector<float>> block_scales(const Site& site, int i, int64_t rows, int64_t columns, std::string_view role);

}  // namespace tulle::ops
