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

/// All functions that there are; of those with one name guests mean that with as many parameters as they import.
std::span<const DoorFunction> ephemeral_functions();

}  // namespace tulle::host
