// The elements of tensors as arrays people exchange, and as reals.
#include "graph/array.h"

#include <cstring>

#include "base/half.h"
#include "graph/packed.h"

namespace tulle {
namespace {

template <class T>
std::vector<float> dequantize(const Tensor& tensor, std::span<const std::byte> bytes) {
  const Quantization& q = *tensor.quantization;
  const bool per_axis = q.scale.size() > 1 && q.axis >= 0 && q.axis < tensor.shape.rank() &&
                        static_cast<size_t>(tensor.shape[q.axis]) == q.scale.size();
  const auto inner = per_axis ? static_cast<size_t>(tensor.shape.elements(q.axis + 1, tensor.shape.rank())) : 1;
  std::vector<float> out(bytes.size() / sizeof(T));
  for (size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    const size_t channel = per_axis ? i / inner % q.scale.size() : 0;
    const int64_t zero = q.zero_point.empty() ? 0 : q.zero_point[channel < q.zero_point.size() ? channel : 0];
    out[i] = q.scale[channel] * static_cast<float>(static_cast<int64_t>(value) - zero);
  }
  return out;
}

}  // namespace

Result<Array> to_array(const Tensor& tensor, Elements elements) {
  Array array{array_type(tensor.dtype), tensor.shape, {}};
  if (packed(tensor.dtype))
    array.bytes = unpack(tensor);
  else
    array.bytes.assign(tensor.data, tensor.data + tensor.bytes);
  if (elements == Elements::kCodes || tensor.quantization == nullptr || tensor.quantization->scale.empty())
    return array;
  std::vector<float> reals;
  switch (array.dtype) {
    case DType::kInt8: reals = dequantize<int8_t>(tensor, array.bytes); break;
    case DType::kUint8: reals = dequantize<uint8_t>(tensor, array.bytes); break;
    case DType::kInt16: reals = dequantize<int16_t>(tensor, array.bytes); break;
    case DType::kInt32: reals = dequantize<int32_t>(tensor, array.bytes); break;
    default: return array;
  }
  array.dtype = DType::kFloat32;
  array.bytes.resize(reals.size() * sizeof(float));
  if (!reals.empty()) std::memcpy(array.bytes.data(), reals.data(), array.bytes.size());
  return array;
}

Result<std::vector<float>> reals(const Tensor& tensor) {
  TULLE_TRY(const Array array, to_array(tensor, Elements::kReals));
  std::vector<float> out(static_cast<size_t>(tensor.elements()));
  const auto as = [&]<class T>(T, auto convert) {
    for (size_t i = 0; i < out.size(); ++i) {
      T value;
      std::memcpy(&value, &array.bytes[i * sizeof(T)], sizeof(T));
      out[i] = convert(value);
    }
  };
  const auto cast = [](auto value) { return static_cast<float>(value); };
  switch (array.dtype) {
    case DType::kFloat32: as(float{}, cast); break;
    case DType::kFloat64: as(double{}, cast); break;
    case DType::kFloat16: as(uint16_t{}, half_to_float); break;
    case DType::kBfloat16: as(uint16_t{}, bfloat_to_float); break;
    case DType::kBool:
    case DType::kUint8: as(uint8_t{}, cast); break;
    case DType::kInt8: as(int8_t{}, cast); break;
    case DType::kInt16: as(int16_t{}, cast); break;
    case DType::kUint16: as(uint16_t{}, cast); break;
    case DType::kInt32: as(int32_t{}, cast); break;
    case DType::kUint32: as(uint32_t{}, cast); break;
    case DType::kInt64: as(int64_t{}, cast); break;
    case DType::kUint64: as(uint64_t{}, cast); break;
    default: return fail(ErrorCode::kUnsupported, "{} is no list of numbers", name(array.dtype));
  }
  return out;
}

}  // namespace tulle
