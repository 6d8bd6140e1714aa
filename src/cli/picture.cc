// Reading pictures: PNG and JPEG by their libraries, BMP here.
#include "cli/picture.h"

#include <jpeglib.h>
#include <png.h>

#include <csetjmp>
#include <cstring>
#include <memory>

#include "base/file_map.h"

namespace tulle::cli {
namespace {

constexpr int64_t kMaxPixels = 100'000'000;
using Bytes = std::span<const std::byte>;

Result<Picture> blank(int64_t width, int64_t height, const std::string& name) {
  if (width < 1 || height < 1 || width > kMaxPixels / height)
    return fail(ErrorCode::kInvalidFile, "{}: {} by {} pixels are none, or over {} million", name, width, height, kMaxPixels / 1'000'000);
  return Picture::blank(static_cast<int>(width), static_cast<int>(height));
}

Result<Picture> parse_png(Bytes bytes, const std::string& name) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, void (*)(png_image*)> guard(&image, png_image_free);
  const auto bad = [&] { return fail(ErrorCode::kInvalidFile, "{}: PNG: {}", name, image.message); };
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) return bad();
  TULLE_TRY(Picture picture, blank(image.width, image.height, name));
  image.format = PNG_FORMAT_RGBA;
  std::vector<uint8_t> rgba(picture.rgb.size() / 3 * 4);
  if (png_image_finish_read(&image, nullptr, rgba.data(), 0, nullptr) == 0) return bad();
  for (size_t i = 0; i < rgba.size() / 4; ++i) std::memcpy(&picture.rgb[i * 3], &rgba[i * 4], 3);
  return picture;
}

struct JpegError {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

/// The part of JPEG reading that libjpeg may leave by longjmp: nothing in it needs a destructor.
bool read_jpeg(jpeg_decompress_struct& jpeg, JpegError& error, Picture& picture, bool header) {
  if (setjmp(error.jump) != 0) return false;
  if (header) {
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_RGB;
    return true;
  }
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = picture.at(0, static_cast<int>(jpeg.output_scanline));
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

Result<Picture> parse_jpeg(Bytes bytes, const std::string& name) {
  JpegError error = {};
  jpeg_decompress_struct jpeg = {};
  jpeg.err = jpeg_std_error(&error.manager);
  error.manager.error_exit = [](j_common_ptr common) {
    auto* self = reinterpret_cast<JpegError*>(common->err);
    common->err->format_message(common, self->message);
    std::longjmp(self->jump, 1);
  };
  error.manager.output_message = [](j_common_ptr) {};
  jpeg_create_decompress(&jpeg);
  const std::unique_ptr<jpeg_decompress_struct, void (*)(jpeg_decompress_struct*)> guard(&jpeg, jpeg_destroy_decompress);
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  Picture picture;
  if (!read_jpeg(jpeg, error, picture, true)) return fail(ErrorCode::kInvalidFile, "{}: JPEG: {}", name, error.message);
  if (jpeg.num_components == 4) return fail(ErrorCode::kUnsupported, "{}: JPEG in CMYK", name);
  TULLE_TRY(picture, blank(jpeg.image_width, jpeg.image_height, name));
  if (!read_jpeg(jpeg, error, picture, false)) return fail(ErrorCode::kInvalidFile, "{}: JPEG: {}", name, error.message);
  return picture;
}

/// Uncompressed Windows bitmaps of 8 (palette), 24 and 32 bits, either way up.
Result<Picture> parse_bmp(Bytes bytes, const std::string& name) {
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
  if (depth != 8 && depth != 24 && depth != 32) return bad("neither 8, 24 nor 32 bits a pixel");
  const int64_t height = rows < 0 ? -static_cast<int64_t>(rows) : rows;
  TULLE_TRY(Picture picture, blank(width, height, name));
  const uint64_t stride = (static_cast<uint64_t>(width) * depth + 31) / 32 * 4;
  if (pixels > bytes.size() || stride * static_cast<uint64_t>(height) > bytes.size() - pixels) return bad("its pixels are cut short");
  const uint64_t palette = 14 + header;
  const uint64_t colours = depth != 8 ? 0 : u32(46) == 0 ? 256 : u32(46);
  if (colours > 256 || palette + colours * 4 > bytes.size()) return bad("its palette is cut short");
  for (int y = 0; y < height; ++y) {
    const uint64_t row = pixels + stride * static_cast<uint64_t>(rows < 0 ? y : height - 1 - y);
    for (int x = 0; x < width; ++x) {
      uint64_t from = row + static_cast<uint64_t>(x) * depth / 8;
      if (depth == 8) {
        if (u8(from) >= colours) return bad("a pixel is outside its palette");
        from = palette + u8(from) * uint64_t{4};
      }
      uint8_t* to = picture.at(x, y);
      for (uint64_t c = 0; c < 3; ++c) to[c] = static_cast<uint8_t>(u8(from + 2 - c));
    }
  }
  return picture;
}

}  // namespace

Result<Picture> parse_picture(Bytes bytes, const std::string& name) {
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
    return fail(ErrorCode::kIo, "{}: {}", path, image.message);
  return {};
}

}  // namespace tulle::cli
