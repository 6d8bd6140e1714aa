// Frame: which values lie in others, so that nothing is copied between them.
#include <algorithm>
#include <climits>

#include "runtime/frame.h"

namespace tulle {
namespace {

/// Most levels of values in others, and most values in one: what looks through them stays quick.
constexpr int kLevels = 8;
constexpr size_t kMostParts = 1024;

}  // namespace

bool Frame::can_be_part(int32_t value) const {
  const bool of_this_frame = makers_[value] >= 0 && last_use_[value] != INT32_MAX && !graph_.values[value].is_variable;
  return of_this_frame && slots_[value].storage == Storage::kArena && slots_[value].whole < 0 &&
         values_[value].bytes > 0;
}

void Frame::lay_columns(const Step& step, const ops::Part& part) {
  const int32_t input = index_of(*step.inputs[part.input]), output = index_of(*step.outputs[part.output]);
  const Tensor& made = values_[input];
  if (slots_[output].storage != Storage::kArena || graph_.values[output].is_variable) return;
  if (!can_be_part(input) || uses_[input] != 1 || !slots_[input].parts.empty()) return;
  const Step& maker = steps_[makers_[input]];
  const bool vectors =
      made.shape.rank() > 0 && part.bytes * 8 == static_cast<uint64_t>(made.shape[made.shape.rank() - 1]) *
                                                     static_cast<uint64_t>(bits(made.dtype));
  if (!maker.pitched || maker.tail >= 0 || maker.chain >= 0 || maker.outputs[0] != &made || !vectors) return;
  if (!lay_inside(input, output, part.to)) return;
  // Its memory is its whole's, of which no other input of the step has these bytes; to the plan it is none.
  slots_[input].storage = Storage::kNone;
  slots_[input].pitch = static_cast<int64_t>(part.pitch * 8) / bits(made.dtype);
}

bool Frame::lay_inside(int32_t value, int32_t whole, uint64_t at) {
  int levels = slots_[value].height + 1;
  for (int32_t up = whole; up >= 0; up = slots_[up].whole, ++levels)
    if (levels >= kLevels) return false;
  if (slots_[whole].parts.size() >= kMostParts) return false;
  slots_[value].whole = whole;
  slots_[value].at = at;
  slots_[whole].parts.push_back(value);
  const int32_t last = std::max({last_use_[value], makers_[value], slots_[value].parts_last});
  int height = slots_[value].height;
  for (int32_t up = whole; up >= 0; up = slots_[up].whole) {
    slots_[up].parts_last = std::max(slots_[up].parts_last, last);
    slots_[up].height = std::max(slots_[up].height, ++height);
  }
  return true;
}

bool Frame::lay_view(const Step& step, const ops::Part& part, uint64_t all) {
  const int32_t input = index_of(*step.inputs[part.input]), output = index_of(*step.outputs[part.output]);
  if (part.to != 0 || part.bytes != values_[output].bytes || !can_be_part(output)) return false;
  if (slots_[input].storage != Storage::kArena || graph_.values[input].is_variable || made_over(step) >= 0)
    return false;
  // A small part that is needed for long must not keep all of a large value.
  const int32_t needed = std::max(last_use_[input], slots_[input].parts_last);
  if (last_use_[output] > needed && all < values_[input].bytes / 2) return false;
  const bool free = std::ranges::none_of(slots_[input].parts, [&](int32_t other) {
    const Slot& slot = slots_[other];
    return slot.at < part.from + part.bytes && part.from < slot.at + values_[other].bytes &&
           std::max({last_use_[other], makers_[other], slot.parts_last}) >= step.node;
  });
  return free && lay_inside(output, input, part.from);
}

void Frame::lay_piece(const Step& step, const ops::Part& part) {
  const int32_t output = index_of(*step.outputs[part.output]);
  int32_t input = index_of(*step.inputs[part.input]);
  if (slots_[output].storage != Storage::kArena || graph_.values[output].is_variable) return;
  if (part.from != 0 || part.bytes != values_[input].bytes || step.op->in_place != 0) return;
  // What the input is made in place of is made where the input lies.
  while (input >= 0 && can_be_part(input) && values_[input].dtype == values_[output].dtype) {
    const Step& maker = steps_[makers_[input]];
    const int32_t below = maker.outputs[0] == &values_[input] ? made_over(maker) : -1;
    if (!lay_inside(input, output, part.to)) return;
    input = below;
  }
}

void Frame::share_memory() {
  if (dynamic_ || shared_.options.keep_all_values) return;
  for (const Step& step : steps_) {
    if (!step.kernel) continue;
    uint64_t all = 0;
    for (const ops::Part& part : step.parts) all += part.bytes;
    for (const ops::Part& part : step.parts)
      if (step.outputs[part.output] == nullptr)
        continue;
      else if (part.pitch != 0)
        lay_columns(step, part);
      else if (!lay_view(step, part, all))
        lay_piece(step, part);
  }
}

}  // namespace tulle
