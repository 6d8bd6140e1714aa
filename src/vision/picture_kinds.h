// The kinds of picture files, one parser each.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "vision/picture.h"

namespace tulle {

/// An error where a picture would have no pixels or over 100 million, or there is no memory for it.
Result<void> check_size(int64_t width, int64_t height, const std::string& name);
/// A black picture of such a size.
Result<Picture> blank_picture(int64_t width, int64_t height, const std::string& name);

// Errors: kInvalidFile, `name` in front, where the bytes are damaged or cut short; kUnsupported where they are of a
// sort that is not read. No picture takes over a small multiple of what its bytes can hold.
Result<Picture> parse_png(std::span<const std::byte> bytes, const std::string& name);
Result<Picture> parse_jpeg(std::span<const std::byte> bytes, const std::string& name);
Result<Picture> parse_bmp(std::span<const std::byte> bytes, const std::string& name);

}  // namespace tulle
