// Pictures from files and standard input, and what is printed of scores.
#include "label_command.h"

#include <cstdio>
#include <cstring>

#include "base/room.h"
#include "vision/labels.h"
#include "vision/scores.h"

namespace tulle {
namespace {

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

}  // namespace

Result<Picture> picture_of(const std::string& path) {
  if (path != "-") return read_picture(path);
  TULLE_TRY(const auto bytes, read_input());
  return parse_picture(bytes, "standard input");
}

std::string five_lines(const std::vector<float>& scores, const std::vector<std::string>& labels) {
  constexpr size_t kTop = 5;
  std::string lines;
  const auto order = best(scores, kTop);
  for (size_t rank = 0; rank < order.size(); ++rank)
    lines += std::to_string(rank + 1) + " " + six_digits(scores[order[rank]]) + " " + label(labels, order[rank]) + "\n";
  return lines;
}

int print(const char* program, const Result<std::string>& lines) {
  if (!lines) {
    std::fprintf(stderr, "%s: %s\n", program, lines.error().message.c_str());
    return kBadInput;
  }
  return std::fwrite(lines->data(), 1, lines->size(), stdout) == lines->size() && std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace tulle
