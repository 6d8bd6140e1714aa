// Target: a .tflite file being written.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tulle::tflite {

/// Bytes that go behind the tables, and the scalar that is to hold their offset in the file.
struct OutsidePart {
  flatbuffers::uoffset_t table;  ///< as the builder counts: from the end of the tables
  flatbuffers::voffset_t field;
  std::span<const std::byte> bytes;
};

struct Target {
  flatbuffers::FlatBufferBuilder builder;
  bool outside = false;  ///< constants and custom options go behind the tables
  std::vector<OutsidePart> parts;

  template <class T>
  using Vector = flatbuffers::Offset<flatbuffers::Vector<T>>;

  /// Whether these bytes go behind the tables. Sizes up to 1 mean "inside" to readers.
  bool goes_outside(std::span<const std::byte> bytes) const { return outside && bytes.size() > 1; }
  /// What stands for the offset of such bytes until it is known.
  static constexpr uint64_t kPlaceholder = 1;

  template <class T>
  Vector<T> list(std::span<const T> from) {
    return builder.CreateVector(from.data(), from.size());
  }
  /// A vector that is left out where it is empty.
  template <class T>
  Vector<T> some(const std::vector<T>& from) {
    return from.empty() ? Vector<T>() : list(std::span(from));
  }
  Vector<uint8_t> some(const std::vector<bool>& from) { return some(std::vector<uint8_t>(from.begin(), from.end())); }
  Vector<uint8_t> bytes(std::span<const std::byte> from) {
    return builder.CreateVector(reinterpret_cast<const uint8_t*>(from.data()), from.size());
  }
  flatbuffers::Offset<flatbuffers::String> some(const std::string& from) {
    return from.empty() ? flatbuffers::Offset<flatbuffers::String>() : builder.CreateString(from);
  }
};

}  // namespace tulle::tflite
