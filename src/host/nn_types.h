// The numbers of wasi-nn, as its guests have them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "graph/dtype.h"

namespace tulle::host {

/// nn_errno of wasi_ephemeral_nn since August 2023.
enum class Errno : int32_t {
  kSuccess = 0,
  kInvalidArgument = 1,
  kInvalidEncoding = 2,
  kMissingMemory = 3,
  kBusy = 4,
  kRuntimeError = 5,
  kUnsupportedOperation = 6,
  kTooLarge = 7,
  kNotFound = 8,
};

/// graph_encoding. Autodetect is 5 in witx and 6 in WIT.
enum class Encoding : uint32_t {
  kOpenVino = 0,
  kOnnx = 1,
  kTensorFlow = 2,
  kPyTorch = 3,
  kTensorFlowLite = 4,
  kAutodetect = 5,
  kAutodetectWit = 6,
};

/// Why a call of a guest failed.
struct NnError {
  Errno code;
  std::string message;
  bool limit = false;  ///< a limit of the guest, which ends it
};

template <class T>
using NnResult = std::expected<T, NnError>;

template <class... Args>
[[nodiscard]] std::unexpected<NnError> refuse(Errno code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(NnError{code, fmt::format(format, std::forward<Args>(args)...)});
}

/// Whether data of `bytes` bytes and `elements` elements, of which a guest says that they are of this type, fit a
/// tensor of the model. Guests number types in three ways (before August 2023, since then, and as in WIT); numbers
/// that mean two types mean such of different widths. Types without a number travel as bytes.
bool fits(uint8_t type, int64_t elements, uint64_t bytes, DType wanted);

}  // namespace tulle::host
