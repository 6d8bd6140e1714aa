// Doors to Nn: functions that guests import, over arguments and a memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "host/nn.h"

namespace tulle::host {

/// A call of a guest that is under way. Addresses are 32 bits and need not be aligned.
struct NnCall {
  Nn& nn;
  std::span<std::byte> memory;  ///< all of the guest's
  bool over_limit = false;      ///< set by functions: the guest has to end
};

/// A function as guests import it: parameters are all i32, and so is what it answers, an Errno.
struct DoorFunction {
  std::string_view module, name;
  int parameters;
  int32_t (*call)(NnCall&, const uint32_t* arguments);
};

/// wasi_ephemeral_nn.
std::span<const DoorFunction> ephemeral_functions();
/// wasi_nn as WAMR had it.
std::span<const DoorFunction> legacy_functions();
/// wasmedge_tensorflowlite.
std::span<const DoorFunction> session_functions();

/// A function that a guest imports; parameters and the result are all i32.
struct Import {
  std::string_view module, name;
  int parameters;
};
/// What a guest with these imports means by one of them; null where there is no such function.
const DoorFunction* find_function(std::span<const Import> imports, const Import& wanted);

}  // namespace tulle::host
