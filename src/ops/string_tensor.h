// The strings inside a STRING tensor: int32 count, count+1 int32 offsets from the start of the tensor, bytes.
#pragma once

#include <string_view>

#include "graph/tensor.h"

namespace tulle::ops {

/// Whether the bytes follow the layout and hold as many strings as the shape says. No bytes at all are no strings.
bool holds_strings(const Tensor& tensor);

/// String i of a tensor that holds_strings.
inline std::string_view string_at(const Tensor& tensor, int64_t i) {
  const int32_t* offsets = tensor.as<const int32_t>() + 1;
  return {tensor.as<const char>() + offsets[i], static_cast<size_t>(offsets[i + 1] - offsets[i])};
}

/// Bytes of the count and the offsets of a tensor of this many strings.
inline int64_t string_header_bytes(int64_t count) { return 4 * (count + 2); }

}  // namespace tulle::ops
