// The proof of a memory plan: a sweep over time that keeps the live blocks sorted by offset. It shares no code with the
// planner.
#include <algorithm>
#include <map>
#include <numeric>

#include "runtime/plan.h"

namespace tulle {
namespace {

bool in_place(std::span<const Life> lives, const Plan& plan, size_t made, size_t over) {
  return lives[made].over == static_cast<int32_t>(over) && lives[made].first == lives[over].last &&
         lives[made].bytes == lives[over].bytes && plan.offsets[made] == plan.offsets[over];
}

}  // namespace

Result<void> check_plan(std::span<const Life> lives, const Plan& plan) {
  const auto wrong = [](size_t block, const char* what) {
    return fail(ErrorCode::kRuntime, "memory plan: block {} {}", block, what);
  };
  if (plan.offsets.size() != lives.size())
    return fail(ErrorCode::kRuntime, "memory plan: {} offsets for {} blocks", plan.offsets.size(), lives.size());

  struct Event {
    int32_t step;
    bool begin;
    size_t block;
  };
  std::vector<Event> events;
  for (size_t i = 0; i < lives.size(); ++i) {
    if (plan.offsets[i] % kAlignment != 0) return wrong(i, "is not aligned");
    if (plan.offsets[i] > plan.bytes || lives[i].bytes > plan.bytes - plan.offsets[i])
      return wrong(i, "leaves the arena");
    if (lives[i].first > lives[i].last) return wrong(i, "ends before it begins");
    if (lives[i].bytes == 0) continue;
    events.push_back({lives[i].first, true, i});
    events.push_back({lives[i].last, false, i});
  }
  // At one step all that begins comes before what ends: both are needed during the step.
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return a.step != b.step ? a.step < b.step : a.begin && !b.begin;
  });

  std::multimap<size_t, size_t> live;  // offset → block
  for (const Event& event : events) {
    const size_t begin = plan.offsets[event.block], end = begin + lives[event.block].bytes;
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
      if (overlap && !in_place(lives, plan, event.block, other) && !in_place(lives, plan, other, event.block))
        return fail(ErrorCode::kRuntime, "memory plan: blocks {} and {} overlap at step {}", other, event.block,
                    event.step);
    }
    live.emplace(begin, event.block);
  }
  return {};
}

}  // namespace tulle
