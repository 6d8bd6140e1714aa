// What a model needs of the engine: its operators, the types of their operands, and which code that leaves unneeded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace tulle::cli {

struct Needs {
  /// As ops::built_types: for each row of ops.def the types of its nodes' operands, a bit each; 0: no node has it.
  std::vector<uint32_t> types;
  /// Some convolution goes by squares, which others do without.
  bool squares = false;

  /// Whether a function or data of this name, as the linker has it, may be called or read for such nodes. True for all
  /// names that no rule knows.
  bool needed(std::string_view symbol) const;
};

/// All graphs of a model count.
Needs needs_of(const Model& model);

/// "tulle::ops::op_add" of "_ZN5tulle3ops6op_addE": the words of a C++ name as compilers write it, without arguments
/// and unnamed namespaces; "f<ha" of an f<unsigned char, signed char>; other names as they are.
std::string plain_name(std::string_view symbol);

}  // namespace tulle::cli
