// Frame between preparing and running: which blocks it needs and when.
#include <algorithm>
#include <climits>

#include "graph/calls.h"
#include "runtime/frame.h"

namespace tulle {

void Frame::life_of_value(std::vector<Life>& lives, int32_t value, int32_t first, int32_t last, int32_t over) {
  Slot& slot = slots_[value];
  if (slot.pitch != 0) return life_of_value(lives, slot.whole, first, last);
  if (slot.storage != Storage::kArena) return;
  if (slot.block >= 0) {  // its first part came before it
    lives[slot.block].last = std::max(lives[slot.block].last, last);
    return;
  }
  if (slot.whole >= 0) life_of_value(lives, slot.whole, first, last);
  slot.block = static_cast<int32_t>(lives.size());
  lives.push_back({values_[value].bytes, first, last, over, slot.whole < 0 ? -1 : slots_[slot.whole].block, slot.at});
}

void Frame::bind(int32_t value, std::byte* data) {
  values_[value].data = data != nullptr ? data : slots_[value].home;
  for (const int32_t part : slots_[value].parts) bind(part, values_[value].data + slots_[part].at);
}

int32_t Frame::made_over(const Step& step) const {
  const Node& node = graph_.nodes[step.node];
  if (step.op->in_place == 0 || shared_.options.keep_all_values || node.outputs.empty() || node.outputs[0] == kAbsent)
    return -1;
  if (step.chain >= 0) return -1;  // the chain still reads its inputs
  const int32_t output = node.outputs[0];
  if (slots_[output].storage != Storage::kArena) return -1;
  for (size_t i = 0; i < node.inputs.size() && i < 32; ++i) {
    const int32_t input = node.inputs[i];
    // While the head of this step runs, it may read everything but what it makes.
    if (step.head >= 0 && input != graph_.nodes[step.head].outputs[0]) continue;
    if ((step.op->in_place >> i & 1) == 0 || input == kAbsent || slots_[input].storage != Storage::kArena) continue;
    const bool an_input = std::find(graph_.inputs.begin(), graph_.inputs.end(), input) != graph_.inputs.end();
    const bool once = std::count(node.inputs.begin(), node.inputs.end(), input) == 1;
    if (an_input || !once || last_use_[input] != step.node || values_[input].bytes != values_[output].bytes) continue;
    // What lies in another value or holds some that are needed yet must stay as it is.
    const Slot &below = slots_[input], &above = slots_[output];
    if (below.whole == above.whole && below.at == above.at && below.parts_last < step.node) return input;
  }
  return -1;
}

void Frame::lives(std::vector<Life>& lives, int32_t& clock, const std::set<int>& shared_frames) {
  const int32_t begin = clock;
  for (Slot& slot : slots_) slot.block = -1;
  // When a value is last needed is known once its last reader is timed.
  std::vector<std::vector<int32_t>> dying(steps_.size());
  for (size_t value = 0; value < values_.size(); ++value)
    if (last_use_[value] >= 0 && last_use_[value] < INT32_MAX)
      dying[last_use_[value]].push_back(static_cast<int32_t>(value));
  for (int32_t input : graph_.inputs) life_of_value(lives, input, begin, begin);

  std::vector<int32_t> starts(steps_.size());
  const bool body = begin > 0;  // outputs of a body outlive its steps, so they begin with it
  for (Step& step : steps_) {
    if (step.dynamic || step.kernel) {
      const int32_t start = starts[step.node] = clock;
      for (int64_t graph : called_graphs(graph_.nodes[step.node])) {
        Frame& callee = shared_.frame(static_cast<int>(graph));
        if (!callee.prepared_ || shared_frames.contains(callee.index_)) continue;
        ++clock;
        callee.lives(lives, clock, shared_frames);
      }
      const auto call_over = [&](int64_t graph) {
        Frame& callee = shared_.frame(static_cast<int>(graph));
        if (!callee.prepared_ || shared_frames.contains(callee.index_) || clock == start) return;
        for (const auto* operands : {&callee.graph_.inputs, &callee.graph_.outputs})
          for (int32_t value : *operands)
            if (const int32_t block = callee.slots_[value].block; callee.slots_[value].storage == Storage::kArena) {
              lives[block].first = start;
              lives[block].last = clock;
            }
      };
      for (int64_t graph : called_graphs(graph_.nodes[step.node])) call_over(graph);
      const auto scratch = [&](Step& of) {
        of.scratch_blocks.clear();
        for (uint64_t bytes : of.scratch_sizes) {
          of.scratch_blocks.push_back(static_cast<int32_t>(lives.size()));
          lives.push_back({bytes, start, clock});
        }
      };
      if (step.chain < 0) scratch(step);
      if (step.links != nullptr)
        for (const int32_t member : step.links->steps) scratch(steps_[static_cast<size_t>(member)]);
      for (Tensor* output : step.outputs) {
        if (output == nullptr) continue;
        const int32_t value = index_of(*output);
        const bool stays = body && last_use_[value] == INT32_MAX;
        const int32_t over = output == step.outputs[0] && start == clock && !stays ? made_over(step) : -1;
        const int32_t first = step.head >= 0 ? starts[step.head] : start;
        life_of_value(lives, value, over < 0 ? first : start, clock, over < 0 ? -1 : slots_[over].block);
      }
    }
    for (int32_t value : dying[step.node])
      if (slots_[value].storage == Storage::kArena) lives[slots_[value].block].last = clock;
    ++clock;
  }

  const bool keep = shared_.options.keep_all_values;
  for (size_t value = 0; value < values_.size(); ++value)
    if (slots_[value].storage == Storage::kArena && (keep || last_use_[value] == INT32_MAX)) {
      if (keep) lives[slots_[value].block].first = 0;
      lives[slots_[value].block].last = body ? clock : INT32_MAX - 1;
    }
  if (!body)  // inputs of the session keep their contents from run to run
    for (int32_t input : graph_.inputs)
      if (slots_[input].storage == Storage::kArena) lives[slots_[input].block].last = INT32_MAX - 1;
  for (const Slot& slot : slots_) {
    if (slot.whole < 0 || slot.block < 0) continue;
    const Life& life = lives[slot.block];
    for (int32_t block = life.inside; block >= 0; block = lives[block].inside) {
      lives[block].first = std::min(lives[block].first, life.first);
      lives[block].last = std::max(lives[block].last, life.last);
    }
  }
}

void Frame::lives_throughout(std::vector<Life>& lives, int32_t end) {
  // Nothing ends here that something could be made over, so nothing is part of another.
  for (Slot& slot : slots_) {
    slot.block = slot.whole = -1;
    slot.at = 0;
    if (slot.pitch != 0) slot.storage = Storage::kArena;
    slot.pitch = 0;
    slot.parts.clear();
  }
  for (size_t value = 0; value < values_.size(); ++value) life_of_value(lives, static_cast<int32_t>(value), 0, end);
  for (Step& step : steps_) {
    step.scratch_blocks.clear();
    for (uint64_t bytes : step.scratch_sizes) {
      step.scratch_blocks.push_back(static_cast<int32_t>(lives.size()));
      lives.push_back({bytes, 0, end});
    }
  }
}

void Frame::place(const Plan& plan, std::byte* arena) {
  for (size_t value = 0; value < values_.size(); ++value) {
    if (slots_[value].storage == Storage::kArena)
      values_[value].data = slots_[value].home = arena + plan.offsets[slots_[value].block];
    if (slots_[value].storage == Storage::kVariable) values_[value].data = slots_[value].own.data();
  }
  for (size_t value = 0; value < values_.size(); ++value)
    if (const Slot& slot = slots_[value]; slot.pitch != 0)
      values_[value].data = slots_[value].home = slots_[slot.whole].home + slot.at;
  for (Step& step : steps_) {
    step.scratch.clear();
    for (int32_t block : step.scratch_blocks) step.scratch.push_back(arena + plan.offsets[block]);
    step.scratch_blocks.clear();
  }
}

}  // namespace tulle
