// Memory planning: from the lifetimes of blocks to their offsets in one arena, and the proof that the offsets are
// right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace tulle {

/// Every block that is no part of another starts at a multiple of this.
inline constexpr size_t kAlignment = 64;

/// A block of memory, needed from step `first` to step `last`, both included. A block made in place begins at the step
/// that last reads block `over`, has the same size, and lies on it. A block that is part of block `inside` lies `at`
/// bytes from its begin and is needed at no step where that is not.
struct Life {
  uint64_t bytes = 0;
  int32_t first = 0, last = 0;
  int32_t over = -1, inside = -1;
  uint64_t at = 0;
};

struct Plan {
  std::vector<uint64_t> offsets;  ///< one a life
  uint64_t bytes = 0;             ///< size of the arena
  uint64_t lower_bound = 0;       ///< the most bytes live at one step: no plan is smaller
};

/// Places the blocks; depends on nothing but its argument. Lives that lie over or inside others name earlier entries of
/// the list.
Plan plan_memory(std::span<const Life> lives);

/// Proves a plan without looking at how it was made: no two blocks that are live at the same step overlap, unless one
/// is made in place of the other at the step where the other ends and neither has parts then, or is a part of the
/// other, where it says and no longer than that. Alignment and arena size hold, too.
Result<void> check_plan(std::span<const Life> lives, const Plan& plan);

}  // namespace tulle
