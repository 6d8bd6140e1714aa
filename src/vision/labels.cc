// Reading label files, plain and numbered.
#include "vision/labels.h"

#include <algorithm>

#include "base/file_map.h"
#include "vision/utf8.h"

namespace tulle {
namespace {

constexpr size_t kMaxClasses = 1'000'000;

/// Whether the line is well-formed UTF-8 without control characters but tabs.
bool is_text(std::string_view line) {
  for (size_t i = 0; i < line.size();) {
    const size_t length = character(line, i);
    if (length == 0 || (length == 1 && static_cast<unsigned char>(line[i]) < 0x20 && line[i] != '\t')) return false;
    i += length;
  }
  return true;
}

/// "12: tabby" as 12 and the position of its name; nothing where the line has no number in front.
bool numbered(std::string_view line, size_t& index, size_t& name) {
  const size_t digits = line.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos || digits > 6) return false;
  if (line[digits] != ' ' && line[digits] != '\t' && line[digits] != ':') return false;
  index = std::stoul(std::string(line.substr(0, digits)));
  name = std::min(line.find_first_not_of(" \t:", digits), line.size());
  return index < kMaxClasses;
}

}  // namespace

Result<std::vector<std::string>> read_labels(const std::string& path) {
  TULLE_TRY(const auto file, FileMap::open(path));
  const auto bytes = file->bytes();
  return parse_labels({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

Result<std::vector<std::string>> parse_labels(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!is_text(line)) return fail(ErrorCode::kInvalidFile, "{}: line {} is no text in UTF-8", name, lines.size() + 1);
    if (lines.size() == kMaxClasses) return fail(ErrorCode::kInvalidFile, "{}: over {} lines", name, kMaxClasses);
    lines.emplace_back(line);
  }
  std::vector<std::string> names;
  for (const std::string& line : lines) {
    size_t index = 0, start = 0;
    if (!numbered(line, index, start)) return lines;
    if (index >= names.size()) names.resize(index + 1);
    names[index] = line.substr(start);
  }
  return names;
}

std::string label(const std::vector<std::string>& labels, size_t index) {
  return index < labels.size() && !labels[index].empty() ? labels[index] : std::to_string(index);
}

}  // namespace tulle
