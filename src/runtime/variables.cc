// The store of resource variables.
#include "runtime/variables.h"

namespace tulle {

std::shared_ptr<Variables> make_variables() { return std::make_shared<Variables>(); }

int32_t Variables::handle(std::string_view container, std::string_view name) {
  for (size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].container == container && entries_[i].name == name) return static_cast<int32_t>(i);
  Entry& entry = entries_.emplace_back();
  entry.container = container;
  entry.name = name;
  return static_cast<int32_t>(entries_.size()) - 1;
}

Result<Tensor> Variables::read(int32_t handle) const {
  if (handle < 0 || static_cast<size_t>(handle) >= entries_.size())
    return fail(ErrorCode::kRuntime, "{} is no handle of a variable", handle);
  const Entry& entry = entries_[handle];
  if (!entry.set)
    return fail(ErrorCode::kRuntime, "variable '{}' is read before anything is assigned to it", entry.name);
  return entry.tensor;
}

Result<void> Variables::assign(int32_t handle, const Tensor& value, uint64_t limit) {
  if (handle < 0 || static_cast<size_t>(handle) >= entries_.size())
    return fail(ErrorCode::kRuntime, "{} is no handle of a variable", handle);
  Entry& entry = entries_[handle];
  if (value.bytes > entry.memory.capacity() && bytes() - entry.memory.capacity() + value.bytes > limit)
    return fail(ErrorCode::kOutOfMemory, "variable '{}' of {} bytes exceeds the memory limit of {}", entry.name,
                value.bytes, limit);
  if (!entry.memory.reserve(value.bytes))
    return fail(ErrorCode::kOutOfMemory, "no memory for variable '{}' of {} bytes", entry.name, value.bytes);
  if (value.bytes > 0) std::memmove(entry.memory.data(), value.data, value.bytes);
  entry.tensor = value;
  entry.tensor.name = {};
  entry.tensor.quantization = nullptr;
  entry.tensor.data = entry.memory.data();
  entry.set = true;
  return {};
}

void Variables::reset() {
  for (Entry& entry : entries_) entry.set = false;
  initialised_.clear();
}

uint64_t Variables::bytes() const {
  uint64_t sum = 0;
  for (const Entry& entry : entries_) sum += entry.memory.capacity();
  return sum;
}

}  // namespace tulle
