// Result<T>: a value, or an Error that says what was wrong and where. Nothing in the library throws.
#pragma once

#include <fmt/core.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace tulle {

/// What kind of failure an Error is; the C API, the command line and later HTTP map it to their own codes.
enum class ErrorCode {
  kInvalidFile,      ///< the bytes are not a well-formed model, picture or array
  kUnsupported,      ///< well-formed, but no kernel or no support for this type or feature
  kInvalidArgument,  ///< the caller asked for something that does not fit the model
  kNotFound,         ///< a file or a name does not exist
  kOutOfMemory,      ///< over the memory limit, or the system refused
  kCancelled,        ///< cancelled from another thread
  kDeadline,         ///< the deadline passed
  kRuntime,          ///< values met while running make the op impossible (index out of range, unset variable)
  kIo,               ///< the system failed to read or write
};

struct Error {
  ErrorCode code;
  std::string message;  ///< one line, no trailing full stop: "node 12 CONV_2D: filter is [8,3,3,3], …"
};

template <class T>
using Result = std::expected<T, Error>;

/// What the two below do, whatever their arguments.
std::unexpected<Error> fail_with(ErrorCode code, fmt::string_view format, fmt::format_args args);
void put_before(std::string& message, fmt::string_view place, fmt::format_args args);

/// An error with a formatted message, to be returned from any function with a Result.
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  return fail_with(code, format, fmt::make_format_args(args...));
}

/// The result, with the place put before the message of an error: within(check(), "node {}", 12) -> "node 12: …".
template <class T, class... Args>
[[nodiscard]] Result<T> within(Result<T> result, fmt::format_string<Args...> place, Args&&... args) {
  if (!result) put_before(result.error().message, place, fmt::make_format_args(args...));
  return result;
}

/// A name as it may stand in a message, with {:?}: its first bytes.
inline std::string_view shown(std::string_view name) { return name.substr(0, 80); }

}  // namespace tulle

#define TULLE_CONCAT_(a, b) a##b
#define TULLE_CONCAT(a, b) TULLE_CONCAT_(a, b)

/// TULLE_CHECK(call()): returns the error of a Result<void> to the caller.
#define TULLE_CHECK(...)                                               \
  do {                                                                 \
    if (auto tulle_result = (__VA_ARGS__); !tulle_result) [[unlikely]] \
      return std::unexpected(std::move(tulle_result).error());         \
  } while (false)

/// TULLE_TRY(auto x, call()): binds the value of a Result, or returns its error to the caller.
#define TULLE_TRY(declaration, ...)                                                \
  auto TULLE_CONCAT(tulle_try_, __LINE__) = (__VA_ARGS__);                         \
  if (!TULLE_CONCAT(tulle_try_, __LINE__)) [[unlikely]]                            \
    return std::unexpected(std::move(TULLE_CONCAT(tulle_try_, __LINE__)).error()); \
  declaration = *std::move(TULLE_CONCAT(tulle_try_, __LINE__))
