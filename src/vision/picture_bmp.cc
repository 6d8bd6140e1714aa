// BMP: uncompressed Windows bitmaps of 1, 4, 8 (palette), 24 and 32 bits a pixel, either way up.
#include <algorithm>

#include "vision/picture_kinds.h"

namespace tulle {

Result<Picture> parse_bmp(std::span<const std::byte> bytes, const std::string& name) {
  const auto bad = [&](const char* what) { return fail(ErrorCode::kInvalidFile, "{}: BMP: {}", name, what); };
  const auto u8 = [&](size_t at) { return static_cast<uint32_t>(bytes[at]); };
  const auto u16 = [&](size_t at) { return u8(at) | u8(at + 1) << 8; };
  const auto u32 = [&](size_t at) { return u16(at) | u16(at + 2) << 16; };
  if (bytes.size() < 54) return bad("cut short");
  const uint64_t pixels = u32(10), header = u32(14);
  const auto width = static_cast<int32_t>(u32(18));
  const auto rows = static_cast<int32_t>(u32(22));
  const uint32_t depth = u16(28), compression = u32(30);
  const bool masks = compression == 3 && depth == 32;  // the usual order of channels is taken
  if (header < 40 || (compression != 0 && !masks)) return bad("a compressed or very old kind");
  const bool indexed = depth == 1 || depth == 4 || depth == 8;
  if (!indexed && depth != 24 && depth != 32) return bad("neither 1, 4, 8, 24 nor 32 bits a pixel");
  const int64_t height = rows < 0 ? -static_cast<int64_t>(rows) : rows;
  const uint64_t stride = (static_cast<uint64_t>(std::max(width, 1)) * depth + 31) / 32 * 4;
  if (pixels > bytes.size() || static_cast<uint64_t>(height) > (bytes.size() - pixels) / stride)
    return bad("its pixels are cut short");
  TULLE_TRY(Picture picture, blank_picture(width, height, name));
  const uint64_t palette = 14 + header;
  const uint64_t colours = !indexed ? 0 : u32(46) == 0 ? uint64_t{1} << depth : u32(46);
  if (colours > 256 || palette + colours * 4 > bytes.size()) return bad("its palette is cut short");
  for (int y = 0; y < height; ++y) {
    const uint64_t row = pixels + stride * static_cast<uint64_t>(rows < 0 ? y : height - 1 - y);
    for (int x = 0; x < width; ++x) {
      const uint64_t bit = static_cast<uint64_t>(x) * depth;
      uint64_t from = row + bit / 8;
      if (indexed) {
        const uint64_t index = u8(from) >> (8 - depth - bit % 8) & ((1u << depth) - 1);
        if (index >= colours) return bad("a pixel is outside its palette");
        from = palette + index * 4;
      }
      uint8_t* to = picture.at(x, y);
      for (uint64_t c = 0; c < 3; ++c) to[c] = static_cast<uint8_t>(u8(from + 2 - c));
    }
  }
  return picture;
}

}  // namespace tulle
