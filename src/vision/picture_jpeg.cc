// JPEG by libjpeg: baseline and progressive, gray and colour, turned upright as its Exif orientation says.
#include <cstdio>
// jpeglib.h wants stdio before it.
#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>
#include <utility>

#include "vision/exif.h"
#include "vision/picture_kinds.h"

namespace tulle {
namespace {

constexpr int kExif = JPEG_APP0 + 1, kMaxScans = 100;

struct Failure {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void give_up(j_common_ptr common) {
  auto* failure = reinterpret_cast<Failure*>(common->err);
  common->err->format_message(common, failure->message);
  std::longjmp(failure->jump, 1);
}

/// Warnings that mean lost pixels end the reading; stray bytes between markers do not.
void warn(j_common_ptr common, int level) {
  const int code = common->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
                    code == JWRN_BOGUS_PROGRESSION))
    give_up(common);
}

/// Many empty scans would keep the decoder busy for long.
void limit_scans(j_common_ptr common) {
  if (reinterpret_cast<j_decompress_ptr>(common)->input_scan_number <= kMaxScans) return;
  auto* failure = reinterpret_cast<Failure*>(common->err);
  std::snprintf(failure->message, sizeof(failure->message), "over %d scans", kMaxScans);
  std::longjmp(failure->jump, 1);
}

// The two parts that libjpeg may leave by longjmp: nothing in them needs a destructor.

bool read_header(jpeg_decompress_struct& jpeg, Failure& failure) {
  if (setjmp(failure.jump) != 0) return false;
  jpeg_save_markers(&jpeg, kExif, 0xFFFF);
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = JCS_RGB;
  return true;
}

bool read_pixels(jpeg_decompress_struct& jpeg, Failure& failure, Picture& picture) {
  if (setjmp(failure.jump) != 0) return false;
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = picture.at(0, static_cast<int>(jpeg.output_scanline));
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

struct Reader {
  jpeg_decompress_struct jpeg = {};
  ~Reader() { jpeg_destroy_decompress(&jpeg); }
};

}  // namespace

Result<Picture> parse_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  Failure failure = {};
  jpeg_progress_mgr progress = {};
  Reader reader;
  jpeg_decompress_struct& jpeg = reader.jpeg;
  const auto bad = [&] {
    return fail(ErrorCode::kInvalidFile, "{}: JPEG: {}", name, static_cast<const char*>(failure.message));
  };
  jpeg.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = give_up;
  failure.manager.emit_message = warn;
  jpeg_create_decompress(&jpeg);
  progress.progress_monitor = limit_scans;
  jpeg.progress = &progress;
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  if (!read_header(jpeg, failure)) return bad();
  if (jpeg.num_components == 4) return fail(ErrorCode::kUnsupported, "{}: JPEG in CMYK", name);
  // A block of 64 pixels takes at least a bit, so what claims more of them is cut short.
  if (static_cast<uint64_t>(jpeg.image_width) * jpeg.image_height / 1024 > bytes.size())
    return fail(ErrorCode::kInvalidFile, "{}: JPEG: cut short", name);
  TULLE_TRY(Picture picture, blank_picture(jpeg.image_width, jpeg.image_height, name));
  int orientation = 1;
  if (const jpeg_marker_struct* marker = jpeg.marker_list; marker != nullptr)
    orientation = exif_orientation({reinterpret_cast<const std::byte*>(marker->data), marker->data_length});
  if (!read_pixels(jpeg, failure, picture)) return bad();
  return upright(std::move(picture), orientation);
}

}  // namespace tulle
