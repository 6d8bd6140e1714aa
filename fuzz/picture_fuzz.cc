// Any bytes to what the command line reads besides models: pictures, arrays, labels, archives, metadata, strings. The
// first bytes say which.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cli/npy.h"
#include "cli/prepare.h"
#include "cli/strings.h"
#include "cli/zip.h"
#include "vision/labels.h"
#include "vision/picture.h"
#include "vision/resample.h"

namespace {

using namespace tulle;
using namespace tulle::cli;
using Bytes = std::span<const std::byte>;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

void read_metadata(const char* name, Bytes bytes) {
  Model model;
  model.graphs.resize(1);
  model.buffers = {{}, {bytes}};
  model.metadata = {{name, 1}};
  const auto preparation = cli::preparation(model, "/dev/null", {});
  if (preparation)
    check(preparation->mean.empty() == preparation->std.empty() && preparation->crop > 0 && preparation->crop <= 1);
}

void read_picture_bytes(Bytes bytes) {
  const auto picture = parse_picture(bytes, "fuzz");
  if (!picture) return;
  const size_t pixels = static_cast<size_t>(picture->width) * static_cast<size_t>(picture->height);
  check(pixels > 0 && picture->rgb.size() == pixels * 3);
  if (pixels < 10000) check(resample(*picture, 7, 5, Filter::kBicubic, true).rgb.size() == 7 * 5 * 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("\x93NUMPY")) {
    const auto array = parse_npy(bytes, "fuzz");
    if (array)
      check(array->bytes.size() * 8 ==
            static_cast<size_t>(array->shape.elements()) * static_cast<size_t>(bits(array->dtype)));
  } else if (text.starts_with("PK")) {
    (void)find_in_zip(bytes, "labels.txt");
  } else if (text.starts_with("{")) {
    read_metadata("TULLE_PREPARE", bytes);
  } else if (text.starts_with("[")) {
    const auto array = parse_strings(text, "fuzz");
    if (array) {
      Array copy = *array;
      const auto strings =
          decode_strings({"fuzz", DType::kString, copy.shape, nullptr, copy.bytes.data(), copy.bytes.size()});
      check(strings.has_value() && parse_strings(to_text(nested(*strings, copy.shape)), "again").has_value());
    }
  } else if (size > 8 && text.substr(4, 4) == "M001") {
    read_metadata("TFLITE_METADATA", bytes);
  } else if (text.starts_with("\x89PNG") || text.starts_with("\xFF\xD8") || text.starts_with("BM")) {
    read_picture_bytes(bytes);
  } else if (const auto labels = parse_labels(text, "fuzz"); labels) {
    check(labels->size() <= 1'000'000);
  }
  return 0;
}
