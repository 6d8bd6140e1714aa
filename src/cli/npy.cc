// The .npy format: a magic, a version, a header in Python's notation, then the elements.
#include "cli/npy.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>

#include "base/file_map.h"
#include "graph/graph.h"

namespace tulle::cli {
namespace {

struct Code {
  const char* text;  // kind and size, as after the byte order
  DType dtype;
};
constexpr Code kCodes[] = {
    {"f4", DType::kFloat32},      {"f2", DType::kFloat16},     {"f8", DType::kFloat64},  {"i1", DType::kInt8},
    {"i2", DType::kInt16},        {"i4", DType::kInt32},       {"i8", DType::kInt64},    {"u1", DType::kUint8},
    {"u2", DType::kUint16},       {"u4", DType::kUint32},      {"u8", DType::kUint64},   {"b1", DType::kBool},
    {"c8", DType::kComplex64},    {"c16", DType::kComplex128}, {"i4", DType::kResource}, {"u2", DType::kBfloat16},
    {"u1", DType::kFloat8E4M3FN}, {"u1", DType::kFloat8E5M2},
};

/// The text after `'key':` in the header's dictionary.
std::optional<std::string_view> field(std::string_view header, std::string_view key) {
  const std::string quoted = "'" + std::string(key) + "'";
  size_t at = header.find(quoted);
  if (at == std::string_view::npos) return std::nullopt;
  at = header.find_first_not_of(" :", at + quoted.size());
  return at == std::string_view::npos ? std::nullopt : std::optional(header.substr(at));
}

/// "(1, 2, 3)" as dimensions.
std::optional<Shape> parse_shape(std::string_view text) {
  if (text.empty() || text[0] != '(') return std::nullopt;
  Shape shape;
  for (size_t at = 1; at < text.size();) {
    at = text.find_first_not_of(" ,", at);
    if (at == std::string_view::npos) return std::nullopt;
    if (text[at] == ')') return shape;
    int64_t dim = 0;
    const size_t start = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      dim = dim * 10 + (text[at] - '0');
      if (dim > INT32_MAX) return std::nullopt;
    }
    if (at == start || !shape.push_back(static_cast<int32_t>(dim))) return std::nullopt;
  }
  return std::nullopt;
}

/// Column-major elements put in row-major order.
std::vector<std::byte> row_major(std::span<const std::byte> columns, const Shape& shape, size_t size) {
  std::vector<std::byte> rows(columns.size());
  const auto count = static_cast<size_t>(shape.elements());
  for (size_t row = 0; row < count; ++row) {
    size_t rest = row, column = 0;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      const auto index = rest % static_cast<size_t>(shape[axis]);
      rest /= static_cast<size_t>(shape[axis]);
      column += index * static_cast<size_t>(shape.elements(0, axis));
    }
    std::memcpy(&rows[row * size], &columns[column * size], size);
  }
  return rows;
}

}  // namespace

Result<Array> read_npy(const std::string& path) {
  TULLE_TRY(const auto file, FileMap::open(path));
  return parse_npy(file->bytes(), path);
}

Result<Array> parse_npy(std::span<const std::byte> bytes, const std::string& name) {
  const auto bad = [&](const char* what) { return fail(ErrorCode::kInvalidFile, "{}: {}", name, what); };
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with("\x93NUMPY") || text.size() < 12) return bad("not a .npy file");
  const auto byte = [&](size_t at) { return static_cast<size_t>(bytes[at]); };
  const size_t version = byte(6);
  if (version < 1 || version > 3) return bad("a .npy file of a version other than 1, 2 or 3");
  const size_t start = version == 1 ? 10 : 12;
  const size_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > text.size() - start) return bad("its header is cut short");
  const std::string_view header = text.substr(start, length);

  const auto descr = field(header, "descr"), order = field(header, "fortran_order"), dims = field(header, "shape");
  if (!descr || !order || !dims) return bad("its header lacks descr, fortran_order or shape");
  if (descr->size() < 4 || (*descr)[0] != '\'') return bad("its elements are records, which no tensor has");
  const size_t quote = descr->find('\'', 1);
  if (quote == std::string_view::npos) return bad("its element type has no end");
  const std::string_view type = descr->substr(1, quote - 1);
  if (type.empty()) return bad("its element type is empty");
  const auto* code =
      std::find_if(std::begin(kCodes), std::end(kCodes), [&](const Code& c) { return type.substr(1) == c.text; });
  if (code == std::end(kCodes))
    return fail(ErrorCode::kInvalidFile, "{}: element type {} is none that tensors have", name, type);
  const auto shape = parse_shape(*dims);
  if (!shape) return bad("its shape is malformed or has over eight dimensions");

  const int64_t elements = shape->elements();
  const auto size = static_cast<size_t>(bits(code->dtype) / 8);
  const std::span<const std::byte> data = bytes.subspan(start + length);
  if (elements > kMaxElements || data.size() < static_cast<size_t>(elements) * size)
    return bad("its data is cut short");
  Array array{code->dtype, *shape, {}};
  const auto used = data.first(static_cast<size_t>(elements) * size);
  array.bytes = order->starts_with("True") && shape->rank() > 1 ? row_major(used, *shape, size)
                                                                : std::vector(used.begin(), used.end());
  if (type[0] == '>') {
    const size_t word = code->dtype == DType::kComplex64 || code->dtype == DType::kComplex128 ? size / 2 : size;
    for (size_t at = 0; at < array.bytes.size(); at += word) std::reverse(&array.bytes[at], &array.bytes[at] + word);
  }
  return array;
}

Result<void> write_npy(const std::string& path, DType dtype, const Shape& shape, std::span<const std::byte> bytes) {
  const auto* code =
      std::find_if(std::begin(kCodes), std::end(kCodes), [&](const Code& c) { return c.dtype == dtype; });
  if (code == std::end(kCodes)) return fail(ErrorCode::kUnsupported, "{}: {} has no .npy form", path, name(dtype));
  std::string dims;
  for (int32_t dim : shape) dims += std::to_string(dim) + (shape.rank() == 1 ? "," : ", ");
  if (dims.ends_with(", ")) dims.resize(dims.size() - 2);
  const char order = bits(dtype) == 8 ? '|' : '<';
  std::string header =
      fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}", order, code->text, dims);
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  header += '\n';
  std::string head = "\x93NUMPY";
  head += '\x01';
  head += '\0';
  head += static_cast<char>(header.size() & 0xFF);
  head += static_cast<char>(header.size() >> 8);
  head += header;
  std::vector<std::byte> file(head.size() + bytes.size());
  std::memcpy(file.data(), head.data(), head.size());
  if (!bytes.empty()) std::memcpy(file.data() + head.size(), bytes.data(), bytes.size());
  return write_file(path, file);
}

Result<void> write_file(const std::string& path, std::span<const std::byte> bytes) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"), std::fclose);
  if (file == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size() ||
      std::fflush(file.get()) != 0)
    return fail(ErrorCode::kIo, "{}: cannot write: {}", path, std::strerror(errno));
  return {};
}

}  // namespace tulle::cli
