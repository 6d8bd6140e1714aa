// The planner: blocks made in place of each other, and parts of blocks, move as one; several greedy orders are tried
// and the best kept.
#include "runtime/plan.h"

#include <algorithm>
#include <map>

#include "base/order.h"

namespace tulle {
namespace {

/// Blocks that share one place.
struct Group {
  uint64_t bytes;
  int32_t first, last;
  uint64_t offset = 0;
};

uint64_t align(uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// Places groups in the given order, each into the smallest gap that fits between those alive with it.
uint64_t place_best_fit(std::vector<Group>& groups, std::span<const uint32_t> order) {
  std::vector<uint32_t> placed;  // sorted by offset
  uint64_t arena = 0;
  for (uint32_t index : order) {
    Group& group = groups[index];
    uint64_t gap_start = 0, best = UINT64_MAX, best_gap = UINT64_MAX;
    for (uint32_t other : placed) {
      const Group& fixed = groups[other];
      if (fixed.last < group.first || fixed.first > group.last) continue;
      if (fixed.offset >= gap_start + group.bytes && fixed.offset - gap_start < best_gap) {
        best = gap_start;
        best_gap = fixed.offset - gap_start;
      }
      gap_start = std::max(gap_start, fixed.offset + fixed.bytes);
    }
    group.offset = best == UINT64_MAX ? gap_start : best;
    arena = std::max(arena, group.offset + group.bytes);
    const auto at = std::upper_bound(placed.begin(), placed.end(), group.offset,
                                     [&](uint64_t offset, uint32_t other) { return offset < groups[other].offset; });
    placed.insert(at, index);
  }
  return arena;
}

/// Places groups in the order of time, each into the first free gap: near-linear, for graphs too large for the above.
uint64_t place_first_fit(std::vector<Group>& groups) {
  const auto order = in_order(groups.size(), [&](auto a, auto b) { return groups[a].first < groups[b].first; });
  const auto ends = in_order(groups.size(), [&](auto a, auto b) { return groups[a].last < groups[b].last; });
  std::map<uint64_t, uint64_t> free;  // offset → bytes; whatever lies past `arena` is free, too
  uint64_t arena = 0;
  size_t ended = 0;
  const auto release = [&](uint64_t offset, uint64_t bytes) {
    auto next = free.lower_bound(offset);
    if (next != free.end() && next->first == offset + bytes) {
      bytes += next->second;
      next = free.erase(next);
    }
    if (next != free.begin() && std::prev(next)->first + std::prev(next)->second == offset)
      std::prev(next)->second += bytes;
    else
      free.emplace(offset, bytes);
  };
  for (uint32_t index : order) {
    Group& group = groups[index];
    for (; groups[ends[ended]].last < group.first; ++ended)
      release(groups[ends[ended]].offset, groups[ends[ended]].bytes);
    const auto gap = std::find_if(free.begin(), free.end(), [&](const auto& g) { return g.second >= group.bytes; });
    if (gap == free.end()) {
      group.offset = arena;
      arena += group.bytes;
      continue;
    }
    group.offset = gap->first;
    const uint64_t rest = gap->second - group.bytes;
    free.erase(gap);
    if (rest > 0) free.emplace(group.offset + group.bytes, rest);
  }
  return arena;
}

uint64_t most_live(std::span<const Group> groups) {
  std::map<int32_t, int64_t> change;
  for (const Group& group : groups) {
    change[group.first] += static_cast<int64_t>(group.bytes);
    change[group.last + 1] -= static_cast<int64_t>(group.bytes);
  }
  int64_t live = 0, most = 0;
  for (const auto& [step, bytes] : change) most = std::max(most, live += bytes);
  return static_cast<uint64_t>(most);
}

}  // namespace

Plan plan_memory(std::span<const Life> lives) {
  std::vector<Group> groups;
  std::vector<uint32_t> group_of(lives.size());
  std::vector<uint64_t> within(lives.size());  // offset in the group
  for (size_t i = 0; i < lives.size(); ++i) {
    const Life& life = lives[i];
    if (life.over >= 0 || life.inside >= 0) {
      const auto other = static_cast<size_t>(life.inside >= 0 ? life.inside : life.over);
      within[i] = within[other] + life.at;
      Group& group = groups[group_of[i] = group_of[other]];
      group.first = std::min(group.first, life.first);
      group.last = std::max(group.last, life.last);
    } else {
      group_of[i] = static_cast<uint32_t>(groups.size());
      groups.push_back({align(life.bytes), life.first, life.last});
    }
  }

  Plan plan;
  plan.lower_bound = most_live(groups);
  plan.bytes = place_first_fit(groups);
  constexpr size_t kQuadraticLimit = 4096;
  if (groups.size() <= kQuadraticLimit && plan.bytes > plan.lower_bound) {
    using Before = bool (*)(const Group&, const Group&);
    constexpr Before kOrders[] = {
        [](const Group& a, const Group& b) { return a.bytes > b.bytes; },
        [](const Group& a, const Group& b) { return a.first < b.first; },
        [](const Group& a, const Group& b) {
          return static_cast<double>(a.bytes) * (a.last - a.first + 1) >
                 static_cast<double>(b.bytes) * (b.last - b.first + 1);
        },
    };
    std::vector<Group> trial = groups;
    for (Before before : kOrders) {
      const auto order = in_order(trial.size(), [&](auto a, auto b) { return before(trial[a], trial[b]); });
      const uint64_t bytes = place_best_fit(trial, order);
      if (bytes >= plan.bytes) continue;
      plan.bytes = bytes;
      groups = trial;
    }
  }
  plan.offsets.reserve(lives.size());
  for (size_t i = 0; i < lives.size(); ++i) plan.offsets.push_back(groups[group_of[i]].offset + within[i]);
  return plan;
}

}  // namespace tulle
