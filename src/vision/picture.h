// Picture: 8-bit RGB pixels, read from PNG, JPEG and BMP files and written as PNG.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace tulle {

struct Colour {
  uint8_t r, g, b;
};

struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;  ///< rows from the top, three bytes a pixel

  static Picture blank(int width, int height) {
    return {width, height, std::vector<uint8_t>(size_t{3} * width * height)};
  }
  uint8_t* at(int x, int y) { return &rgb[(static_cast<size_t>(y) * width + x) * 3]; }
  const uint8_t* at(int x, int y) const { return &rgb[(static_cast<size_t>(y) * width + x) * 3]; }
};

/// Reads a picture; an alpha channel is dropped, grey becomes three equal channels. The kind is told by the first
/// bytes. Errors: kNotFound, kIo; kInvalidFile where it is none of the three, is damaged, or has over 100 million
/// pixels.
Result<Picture> read_picture(const std::string& path);
/// The same for bytes; `name` is for messages.
Result<Picture> parse_picture(std::span<const std::byte> bytes, const std::string& name);

Result<void> write_png(const std::string& path, const Picture& picture);

}  // namespace tulle
