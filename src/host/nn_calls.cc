// Answers of doors.
#include "host/nn_calls.h"

#include <algorithm>

namespace tulle::host {

int32_t answer(NnCall& call, const NnResult<void>& result, NnContext* context) {
  if (result) return static_cast<int32_t>(Errno::kSuccess);
  call.over_limit = call.over_limit || result.error().limit;
  if (context != nullptr) context->last_error = result.error().message;
  call.nn.set_last_error(result.error().message);
  return static_cast<int32_t>(result.error().code);
}

std::unexpected<NnError> outside(std::string_view what) {
  return refuse(Errno::kInvalidArgument, "{} lies outside memory", what);
}

NnResult<std::span<const std::byte>> part_at(const NnCall& call, uint32_t parts, uint32_t count) {
  constexpr uint32_t kPart = 8;
  const auto list = bytes_at(call, parts, uint64_t{count} * kPart);
  if (!list) return outside("the list of parts");
  if (count != 1) return refuse(Errno::kInvalidArgument, "{} parts, a model has 1", count);
  const auto part = bytes_at(call, word_in(*list, 0), word_in(*list, kWord));
  if (!part) return outside("the model");
  return *part;
}

NnResult<void> give(NnCall& call, std::span<const std::byte> bytes, uint32_t at, uint32_t most, uint32_t written,
                    uint32_t unit) {
  const auto count = bytes_at(call, written, kWord);
  if (!count) return outside("the place for the size");
  const uint64_t room = uint64_t{most} * unit, units = (bytes.size() + unit - 1) / unit;
  const auto place = bytes_at(call, at, room);
  if (!place && most != 0) return outside("the buffer");
  if (units > UINT32_MAX) return refuse(Errno::kTooLarge, "over 4 GiB");
  put_word(*count, static_cast<uint32_t>(units));
  if (units > most) return refuse(Errno::kTooLarge, "{} bytes, the buffer has {}", bytes.size(), room);
  if (!bytes.empty()) std::memcpy(place->data(), bytes.data(), bytes.size());
  return {};
}

const DoorFunction* find_function(std::span<const Import> imports, const Import& wanted) {
  constexpr std::string_view kOld = "wasi_nn";
  std::span<const DoorFunction> functions = ephemeral_functions();
  std::string_view module = wanted.module;
  if (module == "wasmedge_tensorflowlite") functions = session_functions();
  if (module == kOld) {
    // Two interfaces have this name. They differ in how many parameters two functions have, and that tells what the
    // others mean.
    const bool is_old = std::ranges::any_of(imports, [&](const Import& import) {
      return import.module == kOld && (import.name == "load" || import.name == "get_output") && import.parameters == 4;
    });
    if (is_old)
      functions = legacy_functions();
    else
      module = "wasi_ephemeral_nn";
  }
  const auto found = std::ranges::find_if(functions, [&](const DoorFunction& function) {
    return function.module == module && function.name == wanted.name && function.parameters == wanted.parameters;
  });
  return found == functions.end() ? nullptr : &*found;
}

}  // namespace tulle::host
