// Order: sorting that is compiled once, for what runs seldom.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace tulle {

/// The numbers below `count`, sorted; those of which neither comes before the other stay in order.
std::vector<uint32_t> in_order(size_t count, const std::function<bool(uint32_t, uint32_t)>& before);

}  // namespace tulle
