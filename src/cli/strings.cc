// TFLite's layout of strings: int32 count, count + 1 int32 offsets from the start, bytes.
#include "cli/strings.h"

#include <cstring>

#include "base/file_map.h"

namespace tulle::cli {
namespace {

Result<void> flatten(const Json& json, int depth, Shape& shape, std::vector<std::string>& out,
                     const std::string& file) {
  const auto bad = [&] { return fail(ErrorCode::kInvalidFile, "{}: not an array of strings, or a ragged one", file); };
  if (json.is_string()) {
    if (depth != shape.rank()) return bad();
    out.push_back(json.get<std::string>());
    return {};
  }
  if (!json.is_array() || depth >= kMaxRank) return bad();
  const bool first = depth == shape.rank();
  if (first && (!out.empty() || !shape.push_back(static_cast<int32_t>(json.size())))) return bad();
  if (shape[depth] != static_cast<int32_t>(json.size())) return bad();
  for (const auto& item : json) TULLE_CHECK(flatten(item, depth + 1, shape, out, file));
  return {};
}

Json nest(const std::vector<std::string>& strings, const Shape& shape, int depth, size_t& at) {
  if (depth == shape.rank()) return strings[at++];
  Json list = Json::array();
  for (int32_t i = 0; i < shape[depth]; ++i) list.push_back(nest(strings, shape, depth + 1, at));
  return list;
}

}  // namespace

Result<Array> read_strings(const std::string& path) {
  TULLE_TRY(const auto file, FileMap::open(path));
  const auto bytes = file->bytes();
  return parse_strings({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

Result<Array> parse_strings(std::string_view text, const std::string& name) {
  const auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(ErrorCode::kInvalidFile, "{}: not JSON", name);
  Array array{DType::kString, {}, {}};
  std::vector<std::string> out;
  TULLE_CHECK(flatten(json, 0, array.shape, out, name));
  array.bytes = encode_strings(out);
  return array;
}

std::vector<std::byte> encode_strings(const std::vector<std::string>& strings) {
  std::vector<int32_t> head{static_cast<int32_t>(strings.size())};
  auto offset = static_cast<int32_t>((strings.size() + 2) * sizeof(int32_t));
  std::string text;
  for (const std::string& s : strings) {
    head.push_back(offset);
    offset += static_cast<int32_t>(s.size());
    text += s;
  }
  head.push_back(offset);
  std::vector<std::byte> bytes(head.size() * sizeof(int32_t) + text.size());
  std::memcpy(bytes.data(), head.data(), head.size() * sizeof(int32_t));
  if (!text.empty()) std::memcpy(bytes.data() + head.size() * sizeof(int32_t), text.data(), text.size());
  return bytes;
}

Result<std::vector<std::string>> decode_strings(const Tensor& tensor) {
  const auto bad = [&] { return fail(ErrorCode::kRuntime, "'{}' is a malformed string tensor", shown(tensor.name)); };
  const auto u32 = [&](size_t index) {
    uint32_t value;
    std::memcpy(&value, tensor.data + index * 4, 4);
    return value;
  };
  if (tensor.bytes < 4) return bad();
  const uint64_t count = u32(0);
  if ((count + 2) * 4 > tensor.bytes || static_cast<int64_t>(count) != tensor.elements()) return bad();
  std::vector<std::string> out;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t begin = u32(1 + i), end = u32(2 + i);
    if (begin > end || end > tensor.bytes) return bad();
    out.emplace_back(reinterpret_cast<const char*>(tensor.data) + begin, end - begin);
  }
  return out;
}

Json nested(const std::vector<std::string>& strings, const Shape& shape) {
  if (strings.empty()) return Json::array();
  size_t at = 0;
  return nest(strings, shape, 0, at);
}

}  // namespace tulle::cli
