// Telling pictures apart by their first bytes; writing PNG.
#include "cli/picture.h"

#include <png.h>

#include <cstring>

#include "base/file_map.h"
#include "cli/picture_kinds.h"

namespace tulle::cli {

Result<Picture> blank_picture(int64_t width, int64_t height, const std::string& name) {
  constexpr int64_t kMaxPixels = 100'000'000;
  if (width < 1 || height < 1 || width > kMaxPixels / height)
    return fail(ErrorCode::kInvalidFile, "{}: {} by {} pixels are none, or over {} million", name, width, height,
                kMaxPixels / 1'000'000);
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

Result<void> write_png(const std::string& path, const Picture& picture) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_RGB;
  if (png_image_write_to_file(&image, path.c_str(), 0, picture.rgb.data(), 0, nullptr) == 0)
    return fail(ErrorCode::kIo, "{}: cannot write: {}", path, image.message);
  return {};
}

}  // namespace tulle::cli
