// WasmParts: a linked WebAssembly module that still has its symbols and relocations (wasm-ld --emit-relocs), taken
// apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tulle::cli {

/// All views are into the bytes that were read; every index and range was checked.
struct WasmParts {
  using Bytes = std::span<const uint8_t>;

  struct Function {
    uint32_t type;
    Bytes body;    ///< locals and code
    uint32_t at;   ///< where the body begins, in bytes of the code section's contents
    Bytes import;  ///< of imported functions, which have no body: module and field as they are in the file
  };
  struct Segment {
    uint32_t address;
    Bytes bytes;
    uint32_t at;  ///< where the bytes begin, in bytes of the data section's contents
  };
  enum class Kind : uint8_t { kFunction, kData, kGlobal, kSection, kTag, kTable };
  struct Symbol {
    Kind kind;
    std::string_view name;
    uint32_t index = 0;             ///< of the function or the segment
    uint32_t offset = 0, size = 0;  ///< of data, in the segment
    bool defined = false;           ///< data that lies in a segment; functions always are
    bool absolute = false;          ///< data whose `offset` is an address of no segment
  };
  enum class Reference : uint8_t { kFunction, kTableSlot, kAddress, kType, kSame };
  struct Relocation {
    Reference what;
    bool is_signed;  ///< how the number is written, where it is a LEB
    uint32_t at;     ///< in bytes of the section's contents
    uint32_t index;  ///< of the symbol or, for kType, the type
  };
  struct Export {
    std::string_view name;
    uint8_t kind;  ///< 0: a function
    uint32_t index;
  };

  std::vector<Bytes> types;         ///< each as it is in the file
  std::vector<Function> functions;  ///< imported ones first
  uint32_t imports = 0;
  std::vector<uint32_t> slots;  ///< functions of the table, from slot 1 on
  uint32_t pages = 0;           ///< of memory at the start
  Bytes globals;                ///< contents of the section
  std::vector<Export> exports;
  std::vector<Segment> segments;
  std::vector<Symbol> symbols;
  std::vector<uint32_t> starters;                              ///< functions that run at the start, in order
  std::vector<Relocation> code_relocations, data_relocations;  ///< by place
};

/// What is in a file whose name is for errors: kInvalidFile where the bytes are damaged or are a module of another
/// kind.
Result<WasmParts> read_parts(std::span<const std::byte> bytes, const std::string& name);

/// Bytes that a LEB128 number takes in parts files wherever a relocation is.
inline constexpr uint32_t kPaddedLeb = 5;
/// The number of a padded LEB, as bits.
uint32_t padded_leb(const uint8_t* at);

}  // namespace tulle::cli
