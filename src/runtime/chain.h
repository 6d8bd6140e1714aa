// Chains: steps that are done some rows at a time, one after the other, so that what lies between them never leaves the
// cache.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/op.h"

namespace tulle {

/// A step of a chain: which rows it needs, and how many bytes a row of its output has.
struct Link {
  ops::RowReach rows;
  int64_t row_bytes;
};

/// How a chain is done: so many rows of the last step's output at a time; the outputs of the others, as far as they are
/// needed, in a worker's own memory.
struct ChainPlan {
  int32_t band = 0;              ///< rows; 0 where not even one fits
  std::vector<int64_t> offsets;  ///< of the outputs but the last
  int64_t bytes = 0;             ///< of a worker's memory
};

/// The largest bands of at most `most` rows for which all outputs but the last fit `budget` bytes. Depends on nothing
/// else.
ChainPlan plan_chain(std::span<const Link> links, int32_t most, int64_t budget);

/// The rows that each step has to make so that the last can make `out`, from the first step on.
void rows_needed(std::span<const Link> links, ops::RowReach::Range out, std::span<ops::RowReach::Range> needed);

}  // namespace tulle
