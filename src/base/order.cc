// Sorting by any comparison.
#include "base/order.h"

#include <algorithm>
#include <numeric>

namespace tulle {

std::vector<uint32_t> in_order(size_t count, const std::function<bool(uint32_t, uint32_t)>& before) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return before(a, b); });
  return order;
}

}  // namespace tulle
