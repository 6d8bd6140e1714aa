// Arrays in NumPy's .npy files.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "graph/array.h"

namespace tulle::cli {

/// Reads versions 1 to 3 of the format, row- or column-major, little- or big-endian.
/// Errors: kNotFound, kIo; kInvalidFile where it is no .npy file, is cut short or has objects or over eight dimensions.
Result<Array> read_npy(const std::string& path);
/// Parses the bytes of a .npy file; `name` is for messages.
Result<Array> parse_npy(std::span<const std::byte> bytes, const std::string& name);

/// Writes version 1. float16 and complex types keep their type; bfloat16 and 8-bit floats are written as their raw
/// bits.
Result<void> write_npy(const std::string& path, DType dtype, const Shape& shape, std::span<const std::byte> bytes);
/// Writes raw bytes to a file.
Result<void> write_file(const std::string& path, std::span<const std::byte> bytes);

}  // namespace tulle::cli
