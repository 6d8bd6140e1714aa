// Telling pictures apart by their first bytes.
#include "vision/picture.h"

#include <string_view>

#include "base/file_map.h"
#include "base/room.h"
#include "vision/picture_kinds.h"

namespace tulle {

Result<void> check_size(int64_t width, int64_t height, const std::string& name) {
  constexpr int64_t kMaxPixels = 100'000'000;
  if (width < 1 || height < 1 || width > kMaxPixels / height)
    return fail(ErrorCode::kInvalidFile, "{}: {} by {} pixels are none, or over {} million", name, width, height,
                kMaxPixels / 1'000'000);
  // The decoder's, the picture, turned, cut out.
  constexpr int64_t kCopies = 4;
  if (!has_room(static_cast<uint64_t>(width * height * 3 * kCopies)))
    return fail(ErrorCode::kOutOfMemory, "{}: no memory for {} by {} pixels", name, width, height);
  return {};
}

Result<Picture> blank_picture(int64_t width, int64_t height, const std::string& name) {
  TULLE_CHECK(check_size(width, height, name));
  return Picture::blank(static_cast<int>(width), static_cast<int>(height));
}

Result<Picture> parse_picture(std::span<const std::byte> bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\x89PNG")) return parse_png(bytes, name);
  if (text.starts_with("\xFF\xD8")) return parse_jpeg(bytes, name);
  if (text.starts_with("BM")) return parse_bmp(bytes, name);
  return fail(ErrorCode::kInvalidFile, "{}: not a PNG, JPEG or BMP picture", name);
}

Result<Picture> read_picture(const std::string& path) {
  TULLE_TRY(const auto file, FileMap::open(path));
  return parse_picture(file->bytes(), path);
}

}  // namespace tulle
