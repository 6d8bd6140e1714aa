// label_image.wasm MODEL PICTURE LABELS: what is in a picture, as five lines of rank, score and label.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/file_map.h"
#include "base/room.h"
#include "formats/tflite.h"
#include "vision/labels.h"
#include "vision/scores.h"

namespace tulle {
namespace {

constexpr int kUsage = 2, kBadInput = 3;

/// A score with six digits after the point.
std::string six_digits(float score) {
  char text[64];
  std::snprintf(text, sizeof text, "%.6f", static_cast<double>(score));
  return text;
}

/// All of standard input.
Result<std::vector<std::byte>> read_input() {
  constexpr size_t kPiece = 64 << 10;
  std::vector<std::byte> bytes;
  for (size_t got = 1; got > 0;) {
    if (!has_room(bytes.capacity() + bytes.size() + kPiece))
      return fail(ErrorCode::kOutOfMemory, "standard input: no memory for over {} bytes", bytes.size());
    const size_t at = bytes.size();
    bytes.resize(at + kPiece);
    got = std::fread(bytes.data() + at, 1, kPiece, stdin);
    bytes.resize(at + got);
  }
  if (std::ferror(stdin) != 0) return fail(ErrorCode::kIo, "standard input: {}", std::strerror(errno));
  return bytes;
}

Result<Picture> picture_of(const std::string& path) {
  if (path != "-") return read_picture(path);
  TULLE_TRY(const auto bytes, read_input());
  return parse_picture(bytes, "standard input");
}

Result<std::string> answer(const std::string& model_path, const std::string& picture_path,
                           const std::string& labels_path) {
  constexpr size_t kTop = 5;
  TULLE_TRY(const auto model, tflite::load(model_path));
  TULLE_TRY(const auto labels, read_labels(labels_path));
  TULLE_TRY(const Picture picture, picture_of(picture_path));
  TULLE_TRY(const auto scores, within(scores_of(model, picture), "{}", model_path));
  std::string lines;
  const auto order = best(scores, kTop);
  for (size_t rank = 0; rank < order.size(); ++rank)
    lines += std::to_string(rank + 1) + " " + six_digits(scores[order[rank]]) + " " + label(labels, order[rank]) + "\n";
  return lines;
}

}  // namespace
}  // namespace tulle

int main(int count, char** arguments) {
  if (count != 4) {
    std::fputs("usage: label_image MODEL PICTURE LABELS (- as PICTURE: standard input)\n", stderr);
    return tulle::kUsage;
  }
  const auto lines = tulle::answer(arguments[1], arguments[2], arguments[3]);
  if (!lines) {
    std::fprintf(stderr, "label_image: %s\n", lines.error().message.c_str());
    return tulle::kBadInput;
  }
  return std::fwrite(lines->data(), 1, lines->size(), stdout) == lines->size() && std::fflush(stdout) == 0 ? 0 : 1;
}
