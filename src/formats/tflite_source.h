// Source: a .tflite file being read, with a limit on the memory that may be taken for it.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/room.h"

namespace tulle::tflite {

using tulle::shown;
/// The same for a name of the file.
inline std::string_view shown(const flatbuffers::String* name) {
  return name == nullptr ? std::string_view() : tulle::shown(std::string_view(name->data(), name->size()));
}

/// A FlatBuffer may point to one table, string or vector from many places, so that a small file unfolds into any amount
/// of memory. Everything copied out of the file is therefore taken from an allowance first: kFactor bytes for each byte
/// of the file (an options table of all defaults, the worst honest case, unfolds about 12 times) and kBase for the
/// smallest files.
struct Source {
  static constexpr uint64_t kFactor = 32, kBase = 1 << 16;

  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
  uint64_t allowance;
  /// Constants are not copied here, but whoever writes or prints the model unfolds them; honest files hold each once.
  static constexpr uint64_t kViewFactor = 4;
  uint64_t viewable;
  uint64_t unproved = 0;  ///< of what was taken, not known to be there

  Source(std::span<const std::byte> file, std::shared_ptr<const void> keeper)
      : bytes(file),
        owner(std::move(keeper)),
        allowance(kBase + kFactor * file.size()),
        viewable(kViewFactor * file.size()) {}

  /// Takes `count` bytes from the allowance.
  Result<void> take(uint64_t count) {
    if (count > allowance)
      return fail(ErrorCode::kInvalidFile, "shared parts unfold to over {} times the size of the file", kFactor);
    allowance -= count;
    unproved += count;
    if (unproved >= kSpare / 4) {
      if (!has_room(unproved)) return fail(ErrorCode::kOutOfMemory, "no memory for what the file describes");
      unproved = 0;
    }
    return {};
  }

  /// Takes `count` bytes of constants.
  Result<void> view(uint64_t count) {
    if (count > viewable)
      return fail(ErrorCode::kInvalidFile, "the constants are over {} times the size of the file", kViewFactor);
    viewable -= count;
    return {};
  }

  /// A string of the file; empty where it is absent.
  Result<std::string> text(const flatbuffers::String* from) {
    if (from == nullptr) return std::string();
    TULLE_CHECK(take(uint64_t{from->size()} + 1));
    return std::string(from->data(), from->size());
  }

  /// A vector of scalars, each converted to To; empty where it is absent.
  template <class To, class From>
  Result<std::vector<To>> list(const flatbuffers::Vector<From>* from) {
    std::vector<To> to;
    if (from == nullptr) return to;
    TULLE_CHECK(take(std::is_same_v<To, bool> ? from->size() / 8 + sizeof(long) : uint64_t{from->size()} * sizeof(To)));
    to.reserve(from->size());
    // A file may place the elements anywhere, so they are copied out as bytes.
    for (const uint8_t* at = from->Data(); to.size() < from->size(); at += sizeof(From)) {
      From element;
      std::memcpy(&element, at, sizeof(From));
      to.push_back(static_cast<To>(element));
    }
    return to;
  }

  /// A vector of tables, each turned into a To by read(table, index) -> Result<To>; empty where it is absent.
  template <class To, class From, class Read>
  Result<std::vector<To>> each(const flatbuffers::Vector<flatbuffers::Offset<From>>* from, Read read) {
    std::vector<To> to;
    if (from == nullptr) return to;
    TULLE_CHECK(take(uint64_t{from->size()} * sizeof(To)));
    to.reserve(from->size());
    for (flatbuffers::uoffset_t i = 0; i < from->size(); ++i) {
      TULLE_TRY(To element, read(*from->Get(i), i));
      to.push_back(std::move(element));
    }
    return to;
  }

  /// The bytes from `offset` on that lie outside the tables, counted from the start of the file.
  Result<std::span<const std::byte>> outside(uint64_t offset, uint64_t size) const {
    if (offset > bytes.size() || size > bytes.size() - offset)
      return fail(ErrorCode::kInvalidFile, "{} bytes at offset {}, the file has {}", size, offset, bytes.size());
    return bytes.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
  }
};

}  // namespace tulle::tflite
