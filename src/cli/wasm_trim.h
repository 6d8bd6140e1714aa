// Trimming: a module with only those functions and data that what it exports can reach.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/wasm_parts.h"

namespace tulle::cli {

/// What to make of a module's parts.
struct TrimWish {
  /// Functions and data that will never be called or read: references to them become null, calls of them trap.
  std::function<bool(const WasmParts::Symbol&)> cut;
  std::function<bool(std::string_view name)> exported;
  /// Bytes to stand at the beginning of a data symbol.
  struct Patch {
    std::string name;
    std::vector<uint8_t> bytes;
  };
  std::vector<Patch> patches;
  /// A file to lie in memory from the start, aligned to 64, and the data symbol to which its address and size go.
  std::span<const std::byte> file;
  std::string file_symbol;
};

/// A function or data symbol that stayed.
struct Kept {
  std::string name;
  uint32_t bytes;
  bool function;
  std::string by;  ///< who was found first to need it; empty: whoever uses the module
};

struct Trimmed {
  std::vector<uint8_t> module;
  std::vector<Kept> kept;  ///< the largest first
};

/// The same parts and wish give the same bytes. An error where a patched symbol is missing or smaller than the patch,
/// or all of it needs over 4 GiB of memory. `name` is for errors.
Result<Trimmed> trim(const WasmParts& parts, const TrimWish& wish, const std::string& name);

}  // namespace tulle::cli
