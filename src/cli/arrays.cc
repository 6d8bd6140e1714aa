// Conversion between the bytes of tensors and arrays people exchange.
#include "cli/arrays.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/half.h"
#include "graph/graph.h"

namespace tulle::cli {
namespace {

bool packed(DType dtype) { return bits(dtype) > 0 && bits(dtype) < 8; }
/// The type an array holding this dtype has.
DType array_type(DType dtype) {
  switch (dtype) {
    case DType::kInt4:
    case DType::kInt2: return DType::kInt8;
    case DType::kUint4: return DType::kUint8;
    default: return dtype;
  }
}

std::vector<std::byte> unpack(const Tensor& tensor) {
  const int width = bits(tensor.dtype), per_byte = 8 / width;
  const bool is_signed = array_type(tensor.dtype) == DType::kInt8;
  std::vector<std::byte> out(static_cast<size_t>(tensor.elements()));
  for (size_t i = 0; i < out.size(); ++i) {
    const auto bits_here = static_cast<uint8_t>(static_cast<uint8_t>(tensor.data[i / per_byte]) << (8 - width - (i % per_byte) * width));
    const auto shift = 8 - width;
    out[i] = is_signed ? static_cast<std::byte>(static_cast<int8_t>(bits_here) >> shift) : static_cast<std::byte>(bits_here >> shift);
  }
  return out;
}

std::vector<std::byte> pack(std::span<const std::byte> values, int width) {
  const size_t per_byte = 8 / static_cast<size_t>(width);
  std::vector<std::byte> out((values.size() + per_byte - 1) / per_byte);
  const auto mask = static_cast<std::byte>((1 << width) - 1);
  for (size_t i = 0; i < values.size(); ++i) out[i / per_byte] |= (values[i] & mask) << (i % per_byte * static_cast<size_t>(width));
  return out;
}

/// TFLite's layout of a string tensor.
std::vector<std::byte> encode(const std::vector<std::string>& strings) {
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

Result<void> flatten(const nlohmann::json& json, size_t depth, Shape& shape, std::vector<std::string>& out, const std::string& file) {
  if (json.is_string()) {
    out.push_back(json.get<std::string>());
    return {};
  }
  const auto bad = [&] { return fail(ErrorCode::kInvalidFile, "{}: not an array of strings, or a ragged one", file); };
  if (!json.is_array() || depth >= kMaxRank) return bad();
  if (static_cast<int>(depth) == shape.rank()) shape.push_back(static_cast<int32_t>(json.size()));
  if (shape[static_cast<int>(depth)] != static_cast<int32_t>(json.size())) return bad();
  for (const auto& item : json) TULLE_CHECK(flatten(item, depth + 1, shape, out, file));
  return {};
}

Result<Array> read_strings(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(ErrorCode::kNotFound, "{}: cannot be opened", path);
  const auto json = nlohmann::json::parse(file, nullptr, false);
  if (json.is_discarded()) return fail(ErrorCode::kInvalidFile, "{}: not JSON", path);
  Array array{DType::kString, {}, {}};
  std::vector<std::string> out;
  TULLE_CHECK(flatten(json, 0, array.shape, out, path));
  if (static_cast<int64_t>(out.size()) != array.shape.elements()) return fail(ErrorCode::kInvalidFile, "{}: ragged", path);
  array.bytes = encode(out);
  return array;
}

uint64_t next(uint64_t& state) {  // SplitMix64 (Steele, Lea, Flood 2014)
  uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

template <class T>
std::vector<std::byte> as_bytes(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <class T>
void dequantize_as(const Tensor& tensor, std::span<const std::byte> bytes, std::vector<float>& out) {
  const Quantization& q = *tensor.quantization;
  const bool per_axis = q.scale.size() > 1 && q.axis >= 0 && q.axis < tensor.shape.rank() &&
                        static_cast<size_t>(tensor.shape[q.axis]) == q.scale.size();
  const auto inner = per_axis ? static_cast<size_t>(tensor.shape.elements(q.axis + 1, tensor.shape.rank())) : 1;
  for (size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    const size_t channel = per_axis ? i / inner % q.scale.size() : 0;
    const int64_t zero = q.zero_point.empty() ? 0 : q.zero_point[channel < q.zero_point.size() ? channel : 0];
    out[i] = q.scale[channel] * static_cast<float>(static_cast<int64_t>(value) - zero);
  }
}

}  // namespace

Result<void> set_inputs(Session& session, const std::vector<std::string>& arguments) {
  std::vector<std::pair<int, Array>> arrays;
  for (const std::string& argument : arguments) {
    const size_t equals = argument.find('=');
    if (equals == std::string::npos) return fail(ErrorCode::kInvalidArgument, "--input {}: not NAME=FILE.npy", argument);
    const std::string path = argument.substr(equals + 1);
    TULLE_TRY(const int position, session.find_input(argument.substr(0, equals)));
    const Tensor& tensor = session.input(position);
    TULLE_TRY(Array array, tensor.dtype == DType::kString ? read_strings(path) : read_npy(path));
    if (array.dtype != array_type(tensor.dtype))
      return fail(ErrorCode::kInvalidArgument, "{}: {} array, input '{}' takes {}", path, name(array.dtype), session.inputs()[position].name, name(tensor.dtype));
    if (packed(tensor.dtype)) array.bytes = pack(array.bytes, bits(tensor.dtype));
    TULLE_CHECK(session.resize(position, array.shape));
    arrays.emplace_back(position, std::move(array));
  }
  if (auto prepared = session.prepare(); !prepared) {
    std::string shapes;
    for (const auto& [position, array] : arrays) shapes += " '" + session.inputs()[position].name + "' " + to_string(array.shape);
    return fail(prepared.error().code, "the model does not take inputs of these shapes:{}: {}", shapes, prepared.error().message);
  }
  for (const auto& [position, array] : arrays) TULLE_CHECK(session.set_input(position, array.bytes));
  return {};
}

Result<void> randomise_inputs(Session& session, uint64_t seed, const std::vector<bool>& set) {
  for (int i = 0; i < static_cast<int>(session.inputs().size()); ++i) {
    if (static_cast<size_t>(i) < set.size() && set[i]) continue;
    const Tensor& tensor = session.input(i);
    uint64_t state = seed + static_cast<uint64_t>(i) * 0xD1342543DE82EF95u;
    const auto count = static_cast<size_t>(tensor.elements());
    std::vector<std::byte> bytes;
    const auto fill = [&]<class T>(T, auto make) {
      std::vector<T> values(count);
      for (T& value : values) value = make(next(state));
      bytes = as_bytes(values);
    };
    const auto real = [](uint64_t r) { return static_cast<float>(r >> 40) * 0x1p-23f - 1.0f; };
    switch (tensor.dtype) {
      case DType::kFloat32: fill(float{}, real); break;
      case DType::kFloat64: fill(double{}, real); break;
      case DType::kFloat16: fill(uint16_t{}, [&](uint64_t r) { return float_to_half(real(r)); }); break;
      case DType::kBool: fill(uint8_t{}, [](uint64_t r) { return static_cast<uint8_t>(r >> 63); }); break;
      case DType::kInt32: fill(int32_t{}, [](uint64_t r) { return static_cast<int32_t>(r >> 57); }); break;
      case DType::kInt64: fill(int64_t{}, [](uint64_t r) { return static_cast<int64_t>(r >> 57); }); break;
      case DType::kUint32: fill(uint32_t{}, [](uint64_t r) { return static_cast<uint32_t>(r >> 57); }); break;
      case DType::kUint64: fill(uint64_t{}, [](uint64_t r) { return r >> 57; }); break;
      case DType::kString: bytes = encode(std::vector<std::string>(count)); break;
      default:
        bytes.resize(tensor.bytes);
        for (std::byte& b : bytes) b = static_cast<std::byte>(next(state) >> 56);
    }
    TULLE_CHECK(session.set_input(i, bytes));
  }
  return {};
}

Result<Array> to_array(const Tensor& tensor, bool dequantize) {
  Array array{array_type(tensor.dtype), tensor.shape, {}};
  if (packed(tensor.dtype)) array.bytes = unpack(tensor);
  else array.bytes.assign(tensor.data, tensor.data + tensor.bytes);
  if (!dequantize || tensor.quantization == nullptr || tensor.quantization->scale.empty()) return array;
  std::vector<float> reals(static_cast<size_t>(tensor.elements()));
  switch (array.dtype) {
    case DType::kInt8: dequantize_as<int8_t>(tensor, array.bytes, reals); break;
    case DType::kUint8: dequantize_as<uint8_t>(tensor, array.bytes, reals); break;
    case DType::kInt16: dequantize_as<int16_t>(tensor, array.bytes, reals); break;
    case DType::kInt32: dequantize_as<int32_t>(tensor, array.bytes, reals); break;
    default: return array;
  }
  array.dtype = DType::kFloat32;
  array.bytes = as_bytes(reals);
  return array;
}

Result<std::vector<std::string>> strings(const Tensor& tensor) {
  const auto bad = [&] { return fail(ErrorCode::kRuntime, "output '{}' is a malformed string tensor", tensor.name); };
  const auto u32 = [&](size_t index) {
    uint32_t value;
    std::memcpy(&value, tensor.data + index * 4, 4);
    return value;
  };
  if (tensor.bytes < 4) return bad();
  const uint64_t count = u32(0);
  if ((count + 2) * 4 > tensor.bytes) return bad();
  std::vector<std::string> out;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t begin = u32(1 + i), end = u32(2 + i);
    if (begin > end || end > tensor.bytes) return bad();
    out.emplace_back(reinterpret_cast<const char*>(tensor.data) + begin, end - begin);
  }
  return out;
}

}  // namespace tulle::cli
