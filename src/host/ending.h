// How a guest ended, and what it may use.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "host/engine.h"
#include "host/nn.h"

namespace tulle::host {

inline EngineBytes view(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }
inline EngineBytes view(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}
inline std::span<const std::byte> bytes_of(EngineBytes bytes) {
  return {reinterpret_cast<const std::byte*>(bytes.data), bytes.size};
}
inline std::string_view text(EngineBytes bytes) { return {reinterpret_cast<const char*>(bytes.data), bytes.size}; }

/// Puts what it is given into a string.
inline EngineSink into(std::string& target) {
  return {&target, [](void* user, EngineBytes bytes) { *static_cast<std::string*>(user) = text(bytes); }};
}

/// How a guest ended.
struct Ending {
  EngineEnding kind = kEndingExit;
  int32_t code = 0;     ///< exit code, or which EngineLimit
  std::string message;  ///< why, where it did not exit; a wasm backtrace is behind the first line
};

/// A value, or how it ended instead.
template <class T>
using Ended = std::expected<T, Ending>;

inline std::unexpected<Ending> refused(std::string message) {
  return std::unexpected(Ending{kEndingRefused, 0, std::move(message)});
}

/// "time", "memory", … : the names in docs/host.md.
std::string_view limit_name(int32_t limit);

/// What a guest may use. Files are created ones, folders and links counted too.
struct Limits {
  EngineLimits engine{.memory_bytes = uint64_t{1} << 30,
                      .table_elements = 1'000'000,
                      .output_bytes = uint64_t{64} << 20,
                      .files = 1000,
                      .disk_bytes = uint64_t{256} << 20,
                      .descriptors = 1024};
  NnLimits nn;
  std::chrono::nanoseconds time{0};  ///< 0 for as long as it takes
};

}  // namespace tulle::host
