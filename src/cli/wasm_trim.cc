// Marks what can be reached and writes it. Addresses stay as they were linked: data that nobody reads is left out of
// the file, which costs no memory that was not there. Functions, types and slots of the table are numbered anew.
#include "cli/wasm_trim.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>

#include "cli/wasm_order.h"
#include "cli/wasm_out.h"

namespace tulle::cli {
namespace {

using Bytes = WasmParts::Bytes;
using Out = WasmOut;
using Reference = WasmParts::Reference;
using Relocation = WasmParts::Relocation;
using Symbol = WasmParts::Symbol;

constexpr uint32_t kNone = UINT32_MAX;
constexpr uint64_t kPage = 65536;
constexpr uint8_t kEnd = 0x0B, kUnreachable = 0x00, kI32Const = 0x41, kCall = 0x10;
constexpr std::string_view kHeapBase = "__heap_base", kConstructors = "__wasm_call_ctors";

void put_word(uint8_t* at, uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<uint8_t>(value >> (8 * i));
}
uint32_t word(const uint8_t* at) {
  return at[0] | uint32_t{at[1]} << 8 | uint32_t{at[2]} << 16 | uint32_t{at[3]} << 24;
}

class Trimmer {
 public:
  Trimmer(const WasmParts& parts, const TrimWish& wish) : parts_(parts), wish_(wish) {}

  Result<Trimmed> make(const std::string& name);

 private:
  void find_names();
  void mark();
  void reach(const Relocation& relocation, std::string_view by);
  void reach_function(uint32_t function, std::string_view by);
  void number_functions();
  bool merge();
  void reorder();
  Result<void> place_file(const std::string& name);
  Result<void> make_data(const std::string& name);

  std::span<const Relocation> relocations(const WasmParts::Function& function) const;
  /// Whether a function is in the module under a number of its own.
  bool stays(uint32_t function) const { return live_functions_[function] && same_[function] == function; }
  bool cut(const Relocation& relocation) const {
    return relocation.what != Reference::kType && cut_symbols_[relocation.index];
  }
  /// What a relocation of code or data stands for now; `was` is the number that is there.
  uint32_t value(const Relocation& relocation, uint32_t was) const;
  uint32_t trap(uint32_t type) const { return traps_.at(type); }
  /// Numbers: of other functions, types and places.
  Out body(uint32_t function, bool with_numbers = true) const;

  Out types() const;
  Out imports() const;
  Out exports() const;
  Out code() const;
  std::vector<Kept> kept() const;

  const WasmParts& parts_;
  const TrimWish& wish_;
  std::vector<bool> cut_symbols_, cut_functions_;
  std::vector<std::string_view> names_;  ///< of functions
  uint32_t constructors_ = kNone;

  std::vector<std::string_view> function_by_, symbol_by_;
  std::vector<bool> live_functions_, live_symbols_, taken_;  ///< taken: has a slot in the table
  std::vector<uint32_t> work_functions_, work_symbols_;

  std::vector<uint32_t> order_;                                  ///< of functions in the module, imports first
  std::vector<uint32_t> same_;                                   ///< of functions that do the same the first one
  std::vector<uint32_t> new_functions_, new_types_, new_slots_;  ///< kNone where dropped; slots by function
  std::map<uint32_t, uint32_t> traps_;                           ///< by type, the function that traps
  std::vector<uint32_t> slots_, used_types_;
  uint32_t live_imports_ = 0, live_bodies_ = 0;

  std::vector<std::vector<uint8_t>> segments_;
  uint32_t file_at_ = 0, heap_was_ = 0, heap_ = 0, pages_ = 0;
};

std::span<const Relocation> Trimmer::relocations(const WasmParts::Function& function) const {
  const auto& all = parts_.code_relocations;
  const auto first = std::ranges::lower_bound(all, function.at, {}, &Relocation::at);
  const auto last = std::ranges::lower_bound(all, function.at + uint64_t{function.body.size()}, {}, &Relocation::at);
  return {first, last};
}

void Trimmer::find_names() {
  names_.resize(parts_.functions.size());
  cut_functions_.resize(parts_.functions.size());
  cut_symbols_.resize(parts_.symbols.size());
  for (size_t i = 0; i < parts_.symbols.size(); ++i) {
    const Symbol& symbol = parts_.symbols[i];
    if (symbol.kind == WasmParts::Kind::kData) cut_symbols_[i] = symbol.defined && wish_.cut(symbol);
    if (symbol.kind != WasmParts::Kind::kFunction) continue;
    if (names_[symbol.index].empty()) names_[symbol.index] = symbol.name;
    if (symbol.name == kConstructors) constructors_ = symbol.index;
    if (symbol.index >= parts_.imports && wish_.cut(symbol)) cut_functions_[symbol.index] = true;
  }
  // A function may have several names.
  for (size_t i = 0; i < parts_.symbols.size(); ++i)
    if (parts_.symbols[i].kind == WasmParts::Kind::kFunction) cut_symbols_[i] = cut_functions_[parts_.symbols[i].index];
}

void Trimmer::reach_function(uint32_t function, std::string_view by) {
  if (live_functions_[function]) return;
  function_by_[function] = by;
  live_functions_[function] = true;
  work_functions_.push_back(function);
}

void Trimmer::reach(const Relocation& relocation, std::string_view by) {
  if (relocation.what == Reference::kType || relocation.what == Reference::kSame || cut(relocation)) return;
  const Symbol& symbol = parts_.symbols[relocation.index];
  if (symbol.kind == WasmParts::Kind::kFunction) {
    if (relocation.what == Reference::kTableSlot) taken_[symbol.index] = true;
    return reach_function(symbol.index, by);
  }
  if (!symbol.defined || live_symbols_[relocation.index]) return;
  live_symbols_[relocation.index] = true;
  symbol_by_[relocation.index] = by;
  work_symbols_.push_back(relocation.index);
}

void Trimmer::mark() {
  live_functions_.resize(parts_.functions.size());
  taken_.resize(parts_.functions.size());
  live_symbols_.resize(parts_.symbols.size());
  function_by_.resize(parts_.functions.size());
  symbol_by_.resize(parts_.symbols.size());
  for (const WasmParts::Export& exported : parts_.exports)
    if (exported.kind == 0 && wish_.exported(exported.name)) reach_function(exported.index, {});
  while (!work_functions_.empty() || !work_symbols_.empty()) {
    if (!work_functions_.empty()) {
      const uint32_t function = work_functions_.back();
      work_functions_.pop_back();
      // The linker makes this one by itself and leaves no relocations in it.
      if (function == constructors_)
        for (uint32_t starter : parts_.starters) reach_function(starter, names_[function]);
      else if (function >= parts_.imports)
        for (const Relocation& relocation : relocations(parts_.functions[function]))
          reach(relocation, names_[function]);
      continue;
    }
    const Symbol& symbol = parts_.symbols[work_symbols_.back()];
    work_symbols_.pop_back();
    const uint64_t at = parts_.segments[symbol.index].at + uint64_t{symbol.offset};
    const auto& all = parts_.data_relocations;
    for (auto found = std::ranges::lower_bound(all, at, {}, &Relocation::at);
         found != all.end() && found->at < at + symbol.size; ++found)
      reach(*found, symbol.name);
  }
}

void Trimmer::number_functions() {
  new_functions_.assign(parts_.functions.size(), kNone);
  new_slots_.assign(parts_.functions.size(), 0);
  slots_.clear();
  used_types_.clear();
  traps_.clear();
  live_imports_ = live_bodies_ = 0;
  uint32_t next = 0;
  for (uint32_t i : order_) {
    if (!stays(i)) continue;
    new_functions_[i] = next++;
    (i < parts_.imports ? live_imports_ : live_bodies_) += 1;
  }
  for (uint32_t i = 0; i < parts_.functions.size(); ++i)
    if (live_functions_[i]) new_functions_[i] = new_functions_[same_[i]];
  std::map<uint32_t, uint32_t> slot_of;  // by new number
  for (uint32_t function : parts_.slots) {
    if (!live_functions_[function] || !taken_[function]) continue;
    const auto [slot, is_new] = slot_of.try_emplace(new_functions_[function], static_cast<uint32_t>(slots_.size() + 1));
    if (is_new) slots_.push_back(new_functions_[function]);
    new_slots_[function] = slot->second;
  }
  std::vector<bool> used(parts_.types.size());
  for (uint32_t i = 0; i < parts_.functions.size(); ++i) {
    if (!stays(i)) continue;
    used[parts_.functions[i].type] = true;
    if (i < parts_.imports) continue;
    for (const Relocation& relocation : relocations(parts_.functions[i])) {
      if (relocation.what == Reference::kType) used[relocation.index] = true;
      if (relocation.what != Reference::kFunction || !cut(relocation)) continue;
      const uint32_t type = parts_.functions[parts_.symbols[relocation.index].index].type;
      used[type] = true;
      traps_[type] = 0;
    }
  }
  for (auto& [type, function] : traps_) function = next++;
  new_types_.assign(parts_.types.size(), kNone);
  for (uint32_t i = 0; i < used.size(); ++i)
    if (used[i]) {
      new_types_[i] = static_cast<uint32_t>(used_types_.size());
      used_types_.push_back(i);
    }
}

/// Finds functions whose code is the same as that of one before; false where there are none.
bool Trimmer::merge() {
  std::map<std::pair<uint32_t, std::vector<uint8_t>>, uint32_t> found;
  bool any = false;
  for (uint32_t i = parts_.imports; i < parts_.functions.size(); ++i) {
    if (!stays(i)) continue;
    const auto [first, is_new] = found.try_emplace({parts_.functions[i].type, body(i).bytes}, i);
    if (is_new) continue;
    any = true;
    for (uint32_t& same : same_)
      if (same == i) same = first->second;
  }
  return any;
}

/// Functions that are alike come one after the other.
void Trimmer::reorder() {
  std::vector<uint32_t> functions;
  std::vector<std::vector<uint8_t>> texts;
  for (uint32_t i = parts_.imports; i < parts_.functions.size(); ++i) {
    if (!stays(i)) continue;
    functions.push_back(i);
    texts.push_back(body(i, false).bytes);
  }
  order_.resize(parts_.imports);
  for (uint32_t i : order_by_likeness(texts)) order_.push_back(functions[i]);
}

uint32_t Trimmer::value(const Relocation& relocation, uint32_t was) const {
  if (relocation.what == Reference::kType) return new_types_[relocation.index];
  const Symbol& symbol = parts_.symbols[relocation.index];
  switch (relocation.what) {
    case Reference::kFunction:
      return cut(relocation) ? trap(parts_.functions[symbol.index].type) : new_functions_[symbol.index];
    case Reference::kTableSlot: return cut(relocation) ? 0 : new_slots_[symbol.index];
    case Reference::kAddress:
      if (symbol.name == kHeapBase && symbol.absolute) return was - heap_was_ + heap_;
      return cut(relocation) ? 0 : was;
    default: return was;
  }
}

Out Trimmer::body(uint32_t index, bool with_numbers) const {
  const WasmParts::Function& function = parts_.functions[index];
  Out out;
  if (index == constructors_) {
    out.number(0);
    for (uint32_t starter : parts_.starters) {
      out.byte(kCall);
      out.number(new_functions_[starter]);
    }
    out.byte(kEnd);
    return out;
  }
  uint32_t at = 0;
  for (const Relocation& relocation : relocations(function)) {
    const uint32_t place = relocation.at - function.at;
    out.add(function.body.subspan(at, place - at));
    at = place + kPaddedLeb;
    if (!with_numbers) continue;
    const uint32_t now = value(relocation, padded_leb(&function.body[place]));
    relocation.is_signed ? out.signed_number(now) : out.number(now);
  }
  out.add(function.body.subspan(at));
  return out;
}

Result<void> Trimmer::place_file(const std::string& name) {
  const auto found = std::ranges::find_if(
      parts_.symbols, [](const Symbol& symbol) { return symbol.name == kHeapBase && symbol.absolute; });
  if (found == parts_.symbols.end()) return fail(ErrorCode::kInvalidFile, "{}: has no {}", name, kHeapBase);
  heap_ = heap_was_ = found->offset;
  pages_ = parts_.pages;
  if (wish_.file.empty()) return {};
  constexpr uint64_t kAlign = 64;
  const uint64_t at = (uint64_t{heap_was_} + kAlign - 1) / kAlign * kAlign;
  const uint64_t heap = (at + wish_.file.size() + kAlign - 1) / kAlign * kAlign;
  const uint64_t pages =
      (heap + kPage - 1) / kPage + parts_.pages - std::min<uint64_t>(parts_.pages, heap_was_ / kPage);
  if (pages >= UINT32_MAX / kPage)
    return fail(ErrorCode::kUnsupported, "a model of {} bytes is too large to lie in a module", wish_.file.size());
  file_at_ = static_cast<uint32_t>(at);
  heap_ = static_cast<uint32_t>(heap);
  pages_ = static_cast<uint32_t>(pages);
  return {};
}

/// Segments with zeros where nothing is live.
Result<void> Trimmer::make_data(const std::string& name) {
  for (const WasmParts::Segment& segment : parts_.segments) segments_.emplace_back(segment.bytes.size());
  for (size_t i = 0; i < parts_.symbols.size(); ++i) {
    const Symbol& symbol = parts_.symbols[i];
    if (live_symbols_[i])
      std::ranges::copy(parts_.segments[symbol.index].bytes.subspan(symbol.offset, symbol.size),
                        segments_[symbol.index].begin() + symbol.offset);
  }
  for (const Relocation& relocation : parts_.data_relocations) {
    const auto after = std::ranges::upper_bound(parts_.segments, relocation.at, {}, &WasmParts::Segment::at);
    const size_t index = static_cast<size_t>(after - parts_.segments.begin()) - 1;
    uint8_t* at = &segments_[index][relocation.at - parts_.segments[index].at];
    // Where nothing is live there are zeros, and the reference is dead.
    const uint32_t was = word(at);
    if (was != 0) put_word(at, value(relocation, was));
  }
  std::vector<TrimWish::Patch> patches = wish_.patches;
  if (!wish_.file.empty()) {
    std::vector<uint8_t> place(8);
    put_word(&place[0], file_at_);
    put_word(&place[4], static_cast<uint32_t>(wish_.file.size()));
    patches.push_back({wish_.file_symbol, place});
  }
  for (const TrimWish::Patch& patch : patches) {
    const auto found = std::ranges::find_if(parts_.symbols, [&](const Symbol& symbol) {
      return symbol.kind == WasmParts::Kind::kData && symbol.defined && symbol.name == patch.name;
    });
    if (found == parts_.symbols.end() || found->size != patch.bytes.size())
      return fail(ErrorCode::kInvalidFile, "{}: belongs to another version of Tulle ({})", name, patch.name);
    std::ranges::copy(patch.bytes, segments_[found->index].begin() + found->offset);
  }
  return {};
}

Out Trimmer::types() const {
  Out out;
  out.number(static_cast<uint32_t>(used_types_.size()));
  for (uint32_t type : used_types_) out.add(parts_.types[type]);
  return out;
}

Out Trimmer::imports() const {
  Out out;
  out.number(live_imports_);
  for (uint32_t i = 0; i < parts_.imports; ++i) {
    if (!live_functions_[i]) continue;
    out.add(parts_.functions[i].import);
    out.byte(0);
    out.number(new_types_[parts_.functions[i].type]);
  }
  return out;
}

Out Trimmer::exports() const {
  Out entries, out;
  uint32_t count = 0;
  for (const WasmParts::Export& exported : parts_.exports) {
    if (exported.kind == 0 && !wish_.exported(exported.name)) continue;
    entries.sized({reinterpret_cast<const uint8_t*>(exported.name.data()), exported.name.size()});
    entries.byte(exported.kind);
    entries.number(exported.kind == 0 ? new_functions_[exported.index] : exported.index);
    ++count;
  }
  out.number(count);
  out.add(entries.bytes);
  return out;
}

Out Trimmer::code() const {
  Out out;
  out.number(live_bodies_ + static_cast<uint32_t>(traps_.size()));
  for (uint32_t i : order_)
    if (i >= parts_.imports && stays(i)) out.sized(body(i).bytes);
  constexpr uint8_t kTrap[] = {0, kUnreachable, kEnd};
  for (size_t i = 0; i < traps_.size(); ++i) out.sized(kTrap);
  return out;
}

std::vector<Kept> Trimmer::kept() const {
  std::vector<Kept> kept;
  for (uint32_t i = parts_.imports; i < parts_.functions.size(); ++i)
    if (stays(i))
      kept.push_back({std::string(names_[i]), static_cast<uint32_t>(parts_.functions[i].body.size()), true,
                      std::string(function_by_[i])});
  for (size_t i = 0; i < parts_.symbols.size(); ++i)
    if (live_symbols_[i])
      kept.push_back({std::string(parts_.symbols[i].name), parts_.symbols[i].size, false, std::string(symbol_by_[i])});
  std::ranges::stable_sort(kept, std::ranges::greater(), &Kept::bytes);
  return kept;
}

Result<Trimmed> Trimmer::make(const std::string& name) {
  find_names();
  mark();
  TULLE_CHECK(place_file(name));
  same_.resize(parts_.functions.size());
  std::iota(same_.begin(), same_.end(), 0U);
  // Who calls one or the other of two that were the same may now be the same, too.
  order_.resize(parts_.functions.size());
  std::iota(order_.begin(), order_.end(), 0U);
  do number_functions();
  while (merge());
  reorder();
  number_functions();
  TULLE_CHECK(make_data(name));
  Out functions, table, memory, globals, elements;
  functions.number(live_bodies_ + static_cast<uint32_t>(traps_.size()));
  for (uint32_t i : order_)
    if (i >= parts_.imports && stays(i)) functions.number(new_types_[parts_.functions[i].type]);
  for (const auto& [type, function] : traps_) functions.number(new_types_[type]);
  // One table of functions whose first slot stays empty, as long as it has to be and no longer.
  constexpr uint8_t kFunctionTable[] = {1, 0x70, 1};
  const auto slots = static_cast<uint32_t>(slots_.size());
  table.add(kFunctionTable);
  table.number(slots + 1);
  table.number(slots + 1);
  constexpr uint8_t kOneMemory[] = {1, 0};
  memory.add(kOneMemory);
  memory.number(pages_);
  globals.add(parts_.globals);
  constexpr uint8_t kFromSlotOne[] = {1, 0, kI32Const, 1, kEnd};
  elements.add(kFromSlotOne);
  elements.number(slots);
  for (uint32_t function : slots_) elements.number(function);
  Out out;
  constexpr uint8_t kHead[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  out.add(kHead);
  out.section(1, types());
  out.section(2, imports());
  out.section(3, functions);
  out.section(4, table);
  out.section(5, memory);
  out.section(6, globals);
  out.section(7, exports());
  out.section(9, elements);
  out.section(10, code());
  WasmDataOut data;
  for (size_t i = 0; i < segments_.size(); ++i) data.put_sparse(parts_.segments[i].address, segments_[i]);
  if (!wish_.file.empty()) data.put(file_at_, {reinterpret_cast<const uint8_t*>(wish_.file.data()), wish_.file.size()});
  out.section(11, data.section());
  return Trimmed{std::move(out.bytes), kept()};
}

}  // namespace

Result<Trimmed> trim(const WasmParts& parts, const TrimWish& wish, const std::string& name) {
  return Trimmer(parts, wish).make(name);
}

}  // namespace tulle::cli
