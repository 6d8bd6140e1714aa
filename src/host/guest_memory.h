// Reading and writing a guest's memory: every range is checked, and nothing has to be aligned.
#pragma once

#include <cstring>
#include <optional>
#include <string_view>

#include "host/nn_door.h"

namespace tulle::host {

/// The bytes at an address; nothing where they do not all lie in memory.
inline std::optional<std::span<std::byte>> bytes_at(const NnCall& call, uint32_t at, uint64_t size) {
  if (at > call.memory.size() || size > call.memory.size() - at) return std::nullopt;
  return call.memory.subspan(at, static_cast<size_t>(size));
}

inline std::optional<std::string_view> text_at(const NnCall& call, uint32_t at, uint32_t size) {
  const auto bytes = bytes_at(call, at, size);
  if (!bytes) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

/// A number as memory has it, little end first; this machine's order, which Tulle's hosts share.
inline uint32_t word_in(std::span<const std::byte> bytes, size_t at) {
  uint32_t word;
  std::memcpy(&word, &bytes[at], sizeof word);
  return word;
}

inline void put_word(std::span<std::byte> bytes, uint32_t word) { std::memcpy(bytes.data(), &word, sizeof word); }

}  // namespace tulle::host
