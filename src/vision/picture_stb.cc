// PNG and JPEG by stb_image, for guests, which have no libraries: numbers as they stand, alpha dropped, turned upright
// as Exif says.
#include <string_view>
#include <utility>

#include "vision/exif.h"
#include "vision/picture_kinds.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_ASSERT(holds)
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>

namespace tulle {
namespace {

/// A picture whose size and number of channels its header gives, in a file of `kind`.
Result<Picture> decode(std::span<const std::byte> bytes, const std::string& name, const char* kind, uint64_t most) {
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const auto bad = [&] { return fail(ErrorCode::kInvalidFile, "{}: {}: {}", name, kind, stbi_failure_reason()); };
  if (bytes.size() > INT32_MAX) return fail(ErrorCode::kUnsupported, "{}: {}: over 2 GiB", name, kind);
  const auto size = static_cast<int>(bytes.size());
  int width = 0, height = 0, channels = 0;
  if (stbi_info_from_memory(data, size, &width, &height, &channels) == 0) return bad();
  if (uint64_t{static_cast<uint32_t>(width)} * static_cast<uint32_t>(height) > most)
    return fail(ErrorCode::kInvalidFile, "{}: {}: cut short", name, kind);
  TULLE_CHECK(check_size(width, height, name));
  stbi_uc* pixels = stbi_load_from_memory(data, size, &width, &height, &channels, 3);
  if (pixels == nullptr) return bad();
  Result<Picture> picture = blank_picture(width, height, name);
  if (picture) std::copy_n(pixels, picture->rgb.size(), picture->rgb.data());
  stbi_image_free(pixels);
  return picture;
}

/// The places of a JPEG's markers of one kind: in coded data a byte of ones is never followed by a marker's.
size_t count_of(std::string_view text, std::string_view marker) {
  size_t count = 0;
  for (size_t at = text.find(marker); at != std::string_view::npos; at = text.find(marker, at + 2)) ++count;
  return count;
}

int orientation_of(std::span<const std::byte> bytes) {
  const auto byte = [&](size_t at) { return static_cast<size_t>(bytes[at]); };
  for (size_t at = 2; at + 4 <= bytes.size() && byte(at) == 0xFF;) {
    const size_t length = byte(at + 2) << 8 | byte(at + 3);
    if (length < 2 || length - 2 > bytes.size() - at - 4 || byte(at + 1) == 0xDA) break;
    if (byte(at + 1) == 0xE1) return exif_orientation(bytes.subspan(at + 4, length - 2));
    at += 2 + length;
  }
  return 1;
}

}  // namespace

Result<Picture> parse_png(std::span<const std::byte> bytes, const std::string& name) {
  // Deflate can't shrink below a thousandth, and a pixel takes a bit.
  return decode(bytes, name, "PNG", uint64_t{bytes.size()} * 1100 * 8);
}

Result<Picture> parse_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  constexpr std::string_view kScan = "\xFF\xDA", kEnd = "\xFF\xD9";
  constexpr size_t kMaxScans = 100;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const size_t scan = text.rfind(kScan), end = text.rfind(kEnd);
  if (scan == std::string_view::npos || end == std::string_view::npos || end < scan)
    return fail(ErrorCode::kInvalidFile, "{}: JPEG: cut short", name);
  if (count_of(text, kScan) > kMaxScans)
    return fail(ErrorCode::kInvalidFile, "{}: JPEG: over {} scans", name, kMaxScans);
  int channels = 0, width = 0, height = 0;
  if (stbi_info_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()), static_cast<int>(bytes.size()), &width,
                            &height, &channels) != 0 &&
      channels == 4)
    return fail(ErrorCode::kUnsupported, "{}: JPEG in CMYK", name);
  // A block of 64 pixels takes at least a bit.
  TULLE_TRY(Picture picture, decode(bytes, name, "JPEG", uint64_t{bytes.size()} * 1024));
  return upright(std::move(picture), orientation_of(bytes));
}

}  // namespace tulle
