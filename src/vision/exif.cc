// Exif: "Exif", two zero bytes, then a TIFF header and its first directory, where tag 0x112 is the orientation.
#include "vision/exif.h"

#include <cstring>
#include <string_view>

namespace tulle {

int exif_orientation(std::span<const std::byte> marker) {
  constexpr std::string_view kHead("Exif\0\0", 6);
  constexpr size_t kTag = 0x112, kEntrySize = 12;
  const std::string_view text(reinterpret_cast<const char*>(marker.data()), marker.size());
  if (!text.starts_with(kHead)) return 1;
  const auto tiff = marker.subspan(kHead.size());
  if (tiff.size() < 8) return 1;
  const bool little = tiff[0] == std::byte{'I'};
  const auto u16 = [&](size_t at) {
    if (at > tiff.size() || tiff.size() - at < 2) return size_t{0};
    const auto first = static_cast<size_t>(tiff[at]), second = static_cast<size_t>(tiff[at + 1]);
    return little ? first | second << 8 : first << 8 | second;
  };
  const size_t directory = little ? u16(4) | u16(6) << 16 : u16(4) << 16 | u16(6);
  const size_t count = u16(directory);
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = directory + 2 + i * kEntrySize;
    if (u16(entry) != kTag) continue;
    const size_t value = u16(entry + 8);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Picture upright(Picture picture, int orientation) {
  if (orientation == 1) return picture;
  const bool sideways = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Picture out =
      sideways ? Picture::blank(picture.height, picture.width) : Picture::blank(picture.width, picture.height);
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x) {
      const int column = sideways ? y : x, row = sideways ? x : y;
      std::memcpy(
          out.at(x, y),
          picture.at(from_right ? picture.width - 1 - column : column, from_below ? picture.height - 1 - row : row), 3);
    }
  return out;
}

}  // namespace tulle
