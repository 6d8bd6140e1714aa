// String tensors as JSON: an array of strings, nested as the tensor's shape is.
#pragma once

#include "cli/npy.h"
#include "cli/verb.h"
#include "graph/tensor.h"

namespace tulle::cli {

/// A STRING array from a JSON file. Errors name it: missing, no JSON, not strings, or ragged.
Result<Array> read_strings(const std::string& path);
/// The same for text; `name` is for messages.
Result<Array> parse_strings(std::string_view text, const std::string& name);

/// Strings in TFLite's layout.
std::vector<std::byte> encode_strings(const std::vector<std::string>& strings);

/// The strings of a STRING tensor; an error where its table is malformed or does not fit its shape.
Result<std::vector<std::string>> decode_strings(const Tensor& tensor);

/// The strings nested as the shape is; they must be as many as it has elements.
Json nested(const std::vector<std::string>& strings, const Shape& shape);

}  // namespace tulle::cli
