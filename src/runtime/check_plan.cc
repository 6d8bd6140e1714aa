// The proof of a memory plan: a sweep over time that keeps the live blocks sorted by offset. It shares no code with the
// planner.
#include <algorithm>
#include <climits>
#include <map>

#include "base/order.h"
#include "runtime/plan.h"

namespace tulle {
Result<void> check_plan(std::span<const Life> lives, const Plan& plan) {
  const auto wrong = [](size_t block, const char* what) {
    return fail(ErrorCode::kRuntime, "memory plan: block {} {}", block, what);
  };
  if (plan.offsets.size() != lives.size())
    return fail(ErrorCode::kRuntime, "memory plan: {} offsets for {} blocks", plan.offsets.size(), lives.size());

  struct Event {
    int32_t inside, step;
    bool begin;
    size_t block;
  };
  std::vector<Event> events;
  std::vector<int32_t> parts_first(lives.size(), INT32_MAX), parts_last(lives.size(), INT32_MIN);
  for (size_t i = 0; i < lives.size(); ++i) {
    const Life& life = lives[i];
    if (life.first > life.last) return wrong(i, "ends before it begins");
    if (life.inside < 0) {
      if (plan.offsets[i] % kAlignment != 0) return wrong(i, "is not aligned");
      if (plan.offsets[i] > plan.bytes || life.bytes > plan.bytes - plan.offsets[i])
        return wrong(i, "leaves the arena");
    } else {
      const auto in = static_cast<size_t>(life.inside);
      if (in >= i) return wrong(i, "is part of a later one");
      const Life& whole = lives[in];
      if (life.at > whole.bytes || life.bytes > whole.bytes - life.at) return wrong(i, "leaves what it is part of");
      if (plan.offsets[i] != plan.offsets[in] + life.at) return wrong(i, "is not where it is part of another");
      if (life.first < whole.first || life.last > whole.last) return wrong(i, "is needed when its whole is not");
      parts_first[in] = std::min(parts_first[in], life.first);
      parts_last[in] = std::max(parts_last[in], life.last);
    }
    if (life.bytes == 0) continue;
    events.push_back({life.inside, life.first, true, i});
    events.push_back({life.inside, life.last, false, i});
  }
  // Parts are inside their whole at all times, so each need only be compared with the parts of the same one. At one
  // step all that begins comes before what ends: both are needed during the step.
  const auto order = in_order(events.size(), [&](uint32_t left, uint32_t right) {
    const Event &a = events[left], &b = events[right];
    if (a.inside != b.inside) return a.inside < b.inside;
    return a.step != b.step ? a.step < b.step : a.begin && !b.begin;
  });
  const auto in_place = [&](size_t made, size_t over) {
    return lives[made].over == static_cast<int32_t>(over) && lives[made].first == lives[over].last &&
           lives[made].bytes == lives[over].bytes && plan.offsets[made] == plan.offsets[over] &&
           parts_last[over] < lives[over].last && parts_first[made] > lives[made].first;
  };

  std::multimap<uint64_t, size_t> live;  // offset → block; empty whenever the parts of one block are through
  for (uint32_t index : order) {
    const Event& event = events[index];
    const uint64_t begin = plan.offsets[event.block], end = begin + lives[event.block].bytes;
    if (!event.begin) {
      const auto [low, high] = live.equal_range(begin);
      live.erase(std::find_if(low, high, [&](const auto& entry) { return entry.second == event.block; }));
      continue;
    }
    // Live blocks are disjoint but for pairs made in place, so two steps back and every block that begins inside cover
    // all.
    auto at = live.lower_bound(begin);
    for (int back = 0; back < 2 && at != live.begin(); ++back) --at;
    for (; at != live.end() && at->first < end; ++at) {
      const size_t other = at->second;
      const bool overlap = at->first + lives[other].bytes > begin;
      if (overlap && !in_place(event.block, other) && !in_place(other, event.block))
        return fail(ErrorCode::kRuntime, "memory plan: blocks {} and {} overlap at step {}", other, event.block,
                    event.step);
    }
    live.emplace(begin, event.block);
  }
  return {};
}

}  // namespace tulle
