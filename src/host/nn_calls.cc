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

NnResult<void> give(NnCall& call, std::span<const std::byte> bytes, uint32_t at, uint32_t most, uint32_t written) {
  const auto count = bytes_at(call, written, kWord);
  if (!count) return outside("the place for the size");
  const auto place = bytes_at(call, at, most);
  if (!place && most != 0) return outside("the buffer");
  if (bytes.size() > UINT32_MAX) return refuse(Errno::kTooLarge, "over 4 GiB");
  put_word(*count, static_cast<uint32_t>(bytes.size()));
  if (bytes.size() > most) return refuse(Errno::kTooLarge, "{} bytes, the buffer has {}", bytes.size(), most);
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
