// How many rows of a chain fit a cache.
#include "runtime/chain.h"

#include <algorithm>

namespace tulle {

void rows_needed(std::span<const Link> links, ops::RowReach::Range out, std::span<ops::RowReach::Range> needed) {
  for (size_t i = links.size(); i-- > 0; out = links[i].rows.needed(out)) needed[i] = out;
}

ChainPlan plan_chain(std::span<const Link> links, int32_t most, int64_t budget) {
  // Loads reach past the last value by less than this.
  constexpr int64_t kSlack = 64;
  for (int32_t band = most; band > 0; band = band > 8 ? band / 2 : band - 1) {
    ChainPlan plan;
    plan.band = band;
    int64_t rows = band;
    plan.offsets.resize(links.size() - 1);
    for (size_t i = links.size() - 1; i-- > 0;) {
      const ops::RowReach& by = links[i + 1].rows;
      rows = std::min<int64_t>((rows - 1) * by.stride + by.reach, by.in_rows);
      plan.offsets[i] = plan.bytes;
      plan.bytes += (rows * links[i].row_bytes + kSlack + 63) / 64 * 64;
    }
    if (plan.bytes <= budget) return plan;
  }
  return {};
}

}  // namespace tulle
