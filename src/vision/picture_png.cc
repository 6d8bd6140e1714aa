// PNG by libpng: every colour type and depth as 8-bit RGB, numbers as they stand (no gamma), alpha dropped.
#include <png.h>

#include <csetjmp>
#include <cstring>
#include <vector>

#include "vision/picture_kinds.h"

namespace tulle {
namespace {

struct Source {
  std::span<const std::byte> rest;
  char message[128] = {};
};

void take(png_structp png, png_bytep to, size_t size) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (size > source->rest.size()) png_error(png, "cut short");
  std::memcpy(to, source->rest.data(), size);
  source->rest = source->rest.subspan(size);
}

[[noreturn]] void give_up(png_structp png, png_const_charp message) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->message, message, sizeof(source->message) - 1);
  png_longjmp(png, 1);
}

// The two parts that libpng may leave by longjmp: nothing in them needs a destructor.

bool read_header(png_structp png, png_infop info) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_read_info(png, info);
  return true;
}

bool read_pixels(png_structp png, png_infop info, png_bytep* rows, size_t row_bytes) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != row_bytes) png_error(png, "rows of an unexpected size");
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  return true;
}

struct Reader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

}  // namespace

Result<Picture> parse_png(std::span<const std::byte> bytes, const std::string& name) {
  Source source{bytes};
  const auto bad = [&] {
    return fail(ErrorCode::kInvalidFile, "{}: PNG: {}", name, static_cast<const char*>(source.message));
  };
  Reader reader;
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, give_up, [](png_structp, png_const_charp) {});
  reader.info = reader.png == nullptr ? nullptr : png_create_info_struct(reader.png);
  if (reader.info == nullptr) return fail(ErrorCode::kOutOfMemory, "{}: no memory for libpng", name);
  png_set_read_fn(reader.png, &source, take);
  if (!read_header(reader.png, reader.info)) return bad();

  const int64_t width = png_get_image_width(reader.png, reader.info),
                height = png_get_image_height(reader.png, reader.info);
  // Deflate can't shrink below a thousandth, so what claims more pixels is cut short.
  if (static_cast<uint64_t>(height) > (bytes.size() * 1100) / png_get_rowbytes(reader.png, reader.info))
    return fail(ErrorCode::kInvalidFile, "{}: PNG: cut short", name);
  TULLE_TRY(Picture picture, blank_picture(width, height, name));
  std::vector<png_bytep> rows;
  for (int y = 0; y < picture.height; ++y) rows.push_back(picture.at(0, y));
  if (!read_pixels(reader.png, reader.info, rows.data(), static_cast<size_t>(width) * 3)) return bad();
  return picture;
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

}  // namespace tulle
