// Reading of modules with relocations. The sections are those of the WebAssembly specification and of "linking" and
// "reloc" in the tool conventions.
#include "cli/wasm_parts.h"

#include <algorithm>
#include <cstring>

namespace tulle::cli {
namespace {

using Bytes = WasmParts::Bytes;

/// Bytes taken one after the other; after the first that are not there all numbers are 0.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  bool done() const { return failed_ || at_ == bytes_.size(); }
  uint32_t at() const { return static_cast<uint32_t>(at_); }
  void fail() { failed_ = true; }

  uint8_t byte() {
    if (failed_ || at_ == bytes_.size()) return failed_ = true, uint8_t{0};
    return bytes_[at_++];
  }
  uint32_t number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const uint8_t next = byte();
      value |= uint64_t{next & 0x7FU} << shift;
      if (next < 0x80) {
        if (value > UINT32_MAX) failed_ = true;
        return failed_ ? 0 : static_cast<uint32_t>(value);
      }
    }
    failed_ = true;
    return 0;
  }
  /// A signed number of up to 32 bits, as bits.
  uint32_t signed_number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      const uint8_t next = byte();
      if (shift < 64) value |= uint64_t{next & 0x7FU} << shift;
      if (next >= 0x80) continue;
      if ((next & 0x40) != 0 && shift + 7 < 64) value |= ~uint64_t{0} << (shift + 7);
      return failed_ ? 0 : static_cast<uint32_t>(value);
    }
    failed_ = true;
    return 0;
  }
  Bytes take(uint32_t count) {
    if (failed_ || count > bytes_.size() - at_) return failed_ = true, Bytes{};
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }
  Bytes sized() { return take(number()); }
  std::string_view text() {
    const Bytes bytes = sized();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// A count of things, each of which takes a byte at least.
  uint32_t count() {
    const uint32_t count = number();
    if (count > bytes_.size() - at_) failed_ = true;
    return failed_ ? 0 : count;
  }
  Bytes rest() const { return bytes_.subspan(at_); }
  Bytes since(uint32_t begin) const { return bytes_.subspan(begin, at_ - begin); }

 private:
  Bytes bytes_;
  size_t at_ = 0;
  bool failed_ = false;
};

enum SectionId : uint8_t {
  kCustom,
  kTypes,
  kImports,
  kFunctions,
  kTable,
  kMemory,
  kGlobals,
  kExports,
  kStart,
  kElements,
  kCode,
  kData
};

/// i32.const of an address or a slot, as the place of a segment.
uint32_t constant(Cursor& in) {
  if (in.byte() != 0x41) in.fail();
  const uint32_t value = in.signed_number();
  if (in.byte() != 0x0B) in.fail();
  return value;
}

void read_types(Cursor& in, WasmParts& parts) {
  for (uint32_t left = in.count(); left != 0; --left) {
    const uint32_t begin = in.at();
    if (in.byte() != 0x60) in.fail();
    in.take(in.number());
    in.take(in.number());
    parts.types.push_back(in.since(begin));
    if (in.failed()) return;
  }
}

/// A reactor imports functions alone.
void read_imports(Cursor& in, WasmParts& parts) {
  parts.imports = in.count();
  for (uint32_t i = 0; i < parts.imports && !in.failed(); ++i) {
    const uint32_t begin = in.at();
    in.text();
    in.text();
    const Bytes names = in.since(begin);
    if (in.byte() != 0) in.fail();
    parts.functions.push_back({.type = in.number(), .body = {}, .at = 0, .import = names});
  }
}

void read_elements(Cursor& in, WasmParts& parts) {
  // One segment for the one table, from slot 1 on.
  if (in.number() != 1 || in.number() != 0 || constant(in) != 1) in.fail();
  for (uint32_t left = in.count(); left != 0; --left) parts.slots.push_back(in.number());
}

void read_code(Cursor& in, WasmParts& parts) {
  const uint32_t count = in.count();
  if (count != parts.functions.size() - parts.imports) in.fail();
  for (uint32_t i = 0; i < count && !in.failed(); ++i) {
    const uint32_t size = in.number();
    WasmParts::Function& function = parts.functions[parts.imports + i];
    function.at = in.at();
    function.body = in.take(size);
  }
}

void read_data(Cursor& in, WasmParts& parts) {
  for (uint32_t left = in.count(); left != 0 && !in.failed(); --left) {
    if (in.number() != 0) in.fail();
    const uint32_t address = constant(in), size = in.number(), at = in.at();
    parts.segments.push_back({.address = address, .bytes = in.take(size), .at = at});
  }
}

void read_symbols(Cursor& in, WasmParts& parts) {
  constexpr uint32_t kUndefined = 0x10, kNamed = 0x40, kAbsolute = 0x200;
  for (uint32_t left = in.count(); left != 0 && !in.failed(); --left) {
    WasmParts::Symbol symbol{.kind = static_cast<WasmParts::Kind>(in.byte()), .name = {}};
    const uint32_t flags = in.number();
    switch (symbol.kind) {
      case WasmParts::Kind::kData:
        symbol.name = in.text();
        if ((flags & kUndefined) != 0) break;
        symbol.index = in.number();
        symbol.offset = in.number();
        symbol.size = in.number();
        symbol.absolute = (flags & kAbsolute) != 0;
        symbol.defined = !symbol.absolute;
        break;
      case WasmParts::Kind::kSection: symbol.index = in.number(); break;
      default:
        symbol.index = in.number();
        if ((flags & kUndefined) == 0 || (flags & kNamed) != 0) symbol.name = in.text();
    }
    if (symbol.kind > WasmParts::Kind::kTable) in.fail();
    parts.symbols.push_back(symbol);
  }
}

void read_linking(Cursor& in, WasmParts& parts, std::vector<uint32_t>& starters) {
  constexpr uint8_t kInits = 6, kSymbols = 8;
  if (in.number() != 2) in.fail();
  while (!in.done()) {
    const uint8_t id = in.byte();
    Cursor part(in.sized());
    if (id == kSymbols) read_symbols(part, parts);
    if (id == kInits) {
      std::vector<std::pair<uint32_t, uint32_t>> found;  // priority and symbol
      for (uint32_t left = part.count(); left != 0 && !part.failed(); --left) {
        const uint32_t priority = part.number();
        found.emplace_back(priority, part.number());
      }
      std::ranges::stable_sort(found, {}, &std::pair<uint32_t, uint32_t>::first);
      for (const auto& [priority, symbol] : found) starters.push_back(symbol);
    }
    if (part.failed()) in.fail();
  }
}

/// The forms of relocation that code which is not for shared libraries has.
struct Form {
  uint8_t type;
  WasmParts::Reference what;
  bool leb, is_signed, addend;
};
constexpr Form kForms[] = {
    {0, WasmParts::Reference::kFunction, true, false, false},
    {1, WasmParts::Reference::kTableSlot, true, true, false},
    {2, WasmParts::Reference::kTableSlot, false, false, false},
    {3, WasmParts::Reference::kAddress, true, false, true},
    {4, WasmParts::Reference::kAddress, true, true, true},
    {5, WasmParts::Reference::kAddress, false, false, true},
    {6, WasmParts::Reference::kType, true, false, false},
    {7, WasmParts::Reference::kSame, true, false, false},
    {20, WasmParts::Reference::kSame, true, false, false},
};

std::vector<WasmParts::Relocation> read_relocations(Cursor& in, bool leb) {
  std::vector<WasmParts::Relocation> relocations;
  in.number();  // the section: its name says it, too
  for (uint32_t left = in.count(); left != 0 && !in.failed(); --left) {
    const auto* form = std::ranges::find(kForms, in.byte(), &Form::type);
    const uint32_t at = in.number(), index = in.number();
    if (form == std::end(kForms) || form->leb != leb) return in.fail(), relocations;
    if (form->addend) in.signed_number();
    relocations.push_back({.what = form->what, .is_signed = form->is_signed, .at = at, .index = index});
  }
  std::ranges::sort(relocations, {}, &WasmParts::Relocation::at);
  return relocations;
}

/// Whether every relocation lies in a function's body or a segment, behind the one before it, and means something.
template <class Piece>
bool fit(const WasmParts& parts, const std::vector<WasmParts::Relocation>& relocations, std::span<const Piece> pieces,
         Bytes Piece::* bytes, uint32_t size) {
  size_t piece = 0;
  uint64_t free = 0;
  for (const WasmParts::Relocation& relocation : relocations) {
    while (piece < pieces.size() && pieces[piece].at + uint64_t{(pieces[piece].*bytes).size()} <= relocation.at)
      ++piece;
    if (piece == pieces.size() || relocation.at < pieces[piece].at || relocation.at < free) return false;
    free = uint64_t{relocation.at} + size;
    if (free > pieces[piece].at + uint64_t{(pieces[piece].*bytes).size()}) return false;
    if (relocation.what == WasmParts::Reference::kType) {
      if (relocation.index >= parts.types.size()) return false;
      continue;
    }
    if (relocation.index >= parts.symbols.size()) return false;
    const WasmParts::Kind kind = parts.symbols[relocation.index].kind;
    const bool function =
        relocation.what == WasmParts::Reference::kFunction || relocation.what == WasmParts::Reference::kTableSlot;
    if (relocation.what != WasmParts::Reference::kSame &&
        kind != (function ? WasmParts::Kind::kFunction : WasmParts::Kind::kData))
      return false;
  }
  return true;
}

/// Whether indices are in range and symbols inside their segments.
bool consistent(const WasmParts& parts) {
  const auto is_function = [&](uint32_t index) { return index < parts.functions.size(); };
  const auto has_type = [&](const WasmParts::Function& function) { return function.type < parts.types.size(); };
  if (!std::ranges::all_of(parts.functions, has_type) || !std::ranges::all_of(parts.slots, is_function)) return false;
  for (const WasmParts::Export& exported : parts.exports)
    if (exported.kind == 0 && !is_function(exported.index)) return false;
  for (const WasmParts::Segment& segment : parts.segments)
    if (segment.address + uint64_t{segment.bytes.size()} > UINT32_MAX) return false;
  for (const WasmParts::Symbol& symbol : parts.symbols) {
    if (symbol.kind == WasmParts::Kind::kFunction && !is_function(symbol.index)) return false;
    if (symbol.kind != WasmParts::Kind::kData || !symbol.defined) continue;
    if (symbol.index >= parts.segments.size()) return false;
    if (uint64_t{symbol.offset} + symbol.size > parts.segments[symbol.index].bytes.size()) return false;
  }
  return true;
}

}  // namespace

uint32_t padded_leb(const uint8_t* at) {
  uint32_t value = 0;
  for (uint32_t i = 0; i < kPaddedLeb; ++i) value |= uint32_t{at[i] & 0x7FU} << (7 * i);
  return value;
}

Result<WasmParts> read_parts(std::span<const std::byte> file, const std::string& name) {
  const auto damaged = [&](std::string_view where) {
    return tulle::fail(ErrorCode::kInvalidFile, "{}: no module with relocations, or damaged ({})", name, where);
  };
  const Bytes bytes(reinterpret_cast<const uint8_t*>(file.data()), file.size());
  constexpr uint8_t kHead[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  if (bytes.size() < sizeof kHead || bytes.size() > UINT32_MAX || std::memcmp(bytes.data(), kHead, sizeof kHead) != 0)
    return damaged("head");
  WasmParts parts;
  std::vector<uint32_t> starters;
  bool linking = false;
  uint8_t last = 0;
  Cursor in(bytes.subspan(sizeof kHead));
  while (!in.done()) {
    const uint8_t id = in.byte();
    Cursor section(in.sized());
    std::string_view title;
    // Each is there once, in their order, on which the order of functions and segments rests.
    if (id != kCustom && id <= last) return damaged(fmt::format("section {} after {}", id, last));
    if (id != kCustom) last = id;
    switch (id) {
      case kCustom:
        title = section.text();
        if (title == "linking") {
          read_linking(section, parts, starters);
          linking = true;
        }
        if (title == "reloc.CODE") parts.code_relocations = read_relocations(section, true);
        if (title == "reloc.DATA") parts.data_relocations = read_relocations(section, false);
        break;
      case kTypes: read_types(section, parts); break;
      case kImports: read_imports(section, parts); break;
      case kFunctions:
        for (uint32_t left = section.count(); left != 0; --left)
          parts.functions.push_back({.type = section.number(), .body = {}, .at = 0, .import = {}});
        break;
      case kMemory:
        if (section.number() != 1 || section.number() != 0) section.fail();
        parts.pages = section.number();
        break;
      case kGlobals: parts.globals = section.rest(); break;
      case kExports:
        for (uint32_t left = section.count(); left != 0 && !section.failed(); --left) {
          const std::string_view field = section.text();
          const uint8_t kind = section.byte();
          parts.exports.push_back({.name = field, .kind = kind, .index = section.number()});
        }
        break;
      case kElements: read_elements(section, parts); break;
      case kCode: read_code(section, parts); break;
      case kData: read_data(section, parts); break;
      case kTable: break;
      default: section.fail();
    }
    if (in.failed() || section.failed())
      return damaged(title.empty() ? fmt::format("section {}", id) : std::string(title));
  }
  if (!linking) return damaged("no symbols");
  if (!consistent(parts)) return damaged("indices");
  for (uint32_t symbol : starters) {
    if (symbol >= parts.symbols.size() || parts.symbols[symbol].kind != WasmParts::Kind::kFunction)
      return damaged("starting functions");
    parts.starters.push_back(parts.symbols[symbol].index);
  }
  const std::span<const WasmParts::Function> bodies = std::span(parts.functions).subspan(parts.imports);
  if (!fit(parts, parts.code_relocations, bodies, &WasmParts::Function::body, kPaddedLeb) ||
      !fit(parts, parts.data_relocations, std::span<const WasmParts::Segment>(parts.segments),
           &WasmParts::Segment::bytes, 4))
    return damaged("relocations");
  return parts;
}

}  // namespace tulle::cli
