// The end record leads to the directory, an entry of the directory to a member. Offsets count from the start of the
// archive, or of the whole file where the writer appended in place.
#include "cli/zip.h"

#include <zlib.h>

#include <algorithm>

namespace tulle::cli {
namespace {

constexpr size_t kEndSize = 22, kEntrySize = 46, kMemberSize = 30, kMaxComment = 65535, kMaxContents = 16'000'000;

struct Bytes {
  std::string_view text;

  bool holds(size_t at, size_t size) const { return at <= text.size() && size <= text.size() - at; }
  size_t u16(size_t at) const {
    return static_cast<uint8_t>(text[at]) | static_cast<size_t>(static_cast<uint8_t>(text[at + 1])) << 8;
  }
  size_t u32(size_t at) const { return u16(at) | u16(at + 2) << 16; }
  bool begins(size_t at, size_t size, std::string_view mark) const {
    return holds(at, size) && text.substr(at).starts_with(mark);
  }
};

std::optional<std::string> inflated(std::string_view from, size_t size) {
  std::string out(size, '\0');
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
  stream.avail_in = static_cast<uInt>(from.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int end = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (end != Z_STREAM_END || stream.avail_out != 0) return std::nullopt;
  return out;
}

}  // namespace

std::optional<std::string> find_in_zip(std::span<const std::byte> span, std::string_view member) {
  const Bytes bytes{{reinterpret_cast<const char*>(span.data()), span.size()}};
  const size_t end = bytes.text.rfind("PK\5\6");
  if (end == std::string_view::npos || !bytes.holds(end, kEndSize) || bytes.text.size() - end > kEndSize + kMaxComment)
    return std::nullopt;
  const size_t count = bytes.u16(end + 10), length = bytes.u32(end + 12), written = bytes.u32(end + 16);
  if (length > end) return std::nullopt;
  const size_t directory = end - length;
  const size_t before = directory >= written ? directory - written : 0;  // bytes in front that offsets do not count
  size_t at = directory;
  for (size_t i = 0; i < count && bytes.begins(at, kEntrySize, "PK\1\2"); ++i) {
    const size_t method = bytes.u16(at + 10), packed = bytes.u32(at + 20), size = bytes.u32(at + 24),
                 name = bytes.u16(at + 28);
    const size_t local = before + bytes.u32(at + 42);
    const size_t entry = at;
    at += kEntrySize + name + bytes.u16(at + 30) + bytes.u16(at + 32);
    if (!bytes.holds(entry + kEntrySize, name) || bytes.text.substr(entry + kEntrySize, name) != member) continue;
    if (!bytes.begins(local, kMemberSize, "PK\3\4")) return std::nullopt;
    const size_t start = local + kMemberSize + bytes.u16(local + 26) + bytes.u16(local + 28);
    if (size > kMaxContents || !bytes.holds(start, packed)) return std::nullopt;
    const std::string_view contents = bytes.text.substr(start, packed);
    if (method == 0 && packed == size) return std::string(contents);
    return method == 8 ? inflated(contents, size) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace tulle::cli
