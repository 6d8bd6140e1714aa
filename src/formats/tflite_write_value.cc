// Writes tensors: shape, type, quantisation, sparsity.
#include <utility>

#include "formats/tflite_value.h"

namespace tulle::tflite {
namespace {

using flatbuffers::Offset;

std::pair<fbs::QuantizationDetails, Offset<void>> write_details(Target& target, const Quantization& from) {
  auto& builder = target.builder;
  using Kind = fbs::QuantizationDetails;
  switch (from.details) {
    case Quantization::Details::kCustom:
      builder.ForceVectorAlignment(from.custom.size(), 1, 16);
      return {Kind::CustomQuantization, fbs::CreateCustomQuantization(builder, target.bytes(from.custom)).Union()};
    case Quantization::Details::kBlockwise:
      return {Kind::BlockwiseQuantization,
              fbs::CreateBlockwiseQuantization(builder, from.scales_value, from.zero_points_value, from.block_size)
                  .Union()};
    case Quantization::Details::kMultiAxis:
      return {Kind::MultiAxisQuantization,
              fbs::CreateMultiAxisQuantization(builder, from.scales_value, from.zero_points_value, from.block_size,
                                               target.list(std::span(from.axes)))
                  .Union()};
    case Quantization::Details::kNone: break;
  }
  return {Kind::NONE, 0};
}

Offset<fbs::QuantizationParameters> write_quantization(Target& target, const Quantization& from) {
  const auto min = target.some(from.min), max = target.some(from.max), scale = target.some(from.scale);
  const auto zero_point = target.some(from.zero_point);
  const auto [kind, details] = write_details(target, from);
  return fbs::CreateQuantizationParameters(target.builder, min, max, scale, zero_point, kind, details, from.axis);
}

template <class T>
Result<Offset<flatbuffers::Vector<T>>> narrow(Target& target, const std::vector<int32_t>& from) {
  std::vector<T> to;
  to.reserve(from.size());
  for (const int32_t element : from) {
    if (!std::in_range<T>(element))
      return fail(ErrorCode::kInvalidArgument, "{} does not fit {} bits", element, 8 * sizeof(T));
    to.push_back(static_cast<T>(element));
  }
  target.builder.ForceVectorAlignment(to.size(), sizeof(T), 4);
  return target.list(std::span<const T>(to));
}

Result<std::pair<fbs::SparseIndexVector, Offset<void>>> write_indices(Target& target, uint8_t width,
                                                                      const std::vector<int32_t>& from) {
  using Kind = fbs::SparseIndexVector;
  switch (width) {
    case 32: {
      TULLE_TRY(const auto values, narrow<int32_t>(target, from));
      return std::pair(Kind::Int32Vector, fbs::CreateInt32Vector(target.builder, values).Union());
    }
    case 16: {
      TULLE_TRY(const auto values, narrow<uint16_t>(target, from));
      return std::pair(Kind::Uint16Vector, fbs::CreateUint16Vector(target.builder, values).Union());
    }
    case 8: {
      TULLE_TRY(const auto values, narrow<uint8_t>(target, from));
      return std::pair(Kind::Uint8Vector, fbs::CreateUint8Vector(target.builder, values).Union());
    }
    default: break;
  }
  if (width != 0 || !from.empty())
    return fail(ErrorCode::kInvalidArgument, "{} integers of {} bits, expected 32, 16 or 8", from.size(), width);
  return std::pair(Kind::NONE, Offset<void>());
}

Result<Offset<fbs::DimensionMetadata>> write_dimension(Target& target, const Sparsity::Dimension& from) {
  TULLE_TRY(const auto segments, within(write_indices(target, from.segments_width, from.segments), "segments"));
  TULLE_TRY(const auto indices, within(write_indices(target, from.indices_width, from.indices), "indices"));
  return fbs::CreateDimensionMetadata(target.builder, static_cast<fbs::DimensionType>(from.format), from.dense_size,
                                      segments.first, segments.second, indices.first, indices.second);
}

Result<Offset<fbs::SparsityParameters>> write_sparsity(Target& target, const Sparsity& from) {
  std::vector<Offset<fbs::DimensionMetadata>> dimensions;
  for (const Sparsity::Dimension& dimension : from.dimensions) {
    TULLE_TRY(const auto written, within(write_dimension(target, dimension), "dimension {}", dimensions.size()));
    dimensions.push_back(written);
  }
  const auto order = target.some(from.traversal_order), blocks = target.some(from.block_map);
  return fbs::CreateSparsityParameters(target.builder, order, blocks, target.builder.CreateVector(dimensions));
}

Offset<fbs::VariantSubType> write_variant(Target& target, const Value::Variant& from) {
  return fbs::CreateVariantSubType(target.builder, target.list(from.shape.dims()),
                                   static_cast<fbs::TensorType>(from.dtype), from.has_rank);
}

}  // namespace

Result<Offset<fbs::Tensor>> write_value(Target& target, const Value& value) {
  auto& builder = target.builder;
  Offset<fbs::QuantizationParameters> quantization;
  if (value.quantization != nullptr) quantization = write_quantization(target, *value.quantization);
  Offset<fbs::SparsityParameters> sparsity;
  if (value.sparsity != nullptr) {
    TULLE_TRY(sparsity, within(write_sparsity(target, *value.sparsity), "sparsity"));
  }
  std::vector<Offset<fbs::VariantSubType>> variants;
  for (const Value::Variant& variant : value.variants) variants.push_back(write_variant(target, variant));
  const auto variant_list = target.some(variants);
  Offset<flatbuffers::Vector<int32_t>> signature;
  if (value.signature) signature = target.list(value.signature->dims());
  const auto shape = target.list(value.shape.dims());
  const auto name = builder.CreateString(value.name);
  return fbs::CreateTensor(builder, shape, static_cast<fbs::TensorType>(value.dtype), value.buffer, name, quantization,
                           value.is_variable, sparsity, signature, value.has_rank, variant_list, value.external_buffer);
}

}  // namespace tulle::tflite
