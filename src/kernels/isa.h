// Which instruction set's kernels to use.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "kernels/kernels.h"

namespace tulle::kernels {

/// One instruction set that the library was built with.
struct Isa {
  std::string_view name;
  const Kernels* kernels;
  bool (*supported)();  ///< whether this machine has it
};

/// All of them, the best last.
std::span<const Isa> isas();

/// The best set this machine has, or the one that the environment's TULLE_ISA names: null for "reference", which is no
/// set but the plain loops. An error where the name is unknown or the machine lacks it.
Result<const Kernels*> choose();

}  // namespace tulle::kernels
