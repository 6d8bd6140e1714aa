// Reads tensors: shape, type, quantisation, sparsity.
#include "formats/tflite_value.h"

#include <utility>

namespace tulle::tflite {
namespace {

using Dims = flatbuffers::Vector<int32_t>;

Result<Shape> read_shape(const Dims* dims) {
  Shape shape;
  if (dims == nullptr) return shape;
  if (dims->size() > kMaxRank)
    return fail(ErrorCode::kUnsupported, "the rank is {}, at most {} is supported", dims->size(), kMaxRank);
  for (const int32_t dim : *dims) {
    if (dim < kUnknown) return fail(ErrorCode::kInvalidFile, "dimension {} is {}", shape.rank(), dim);
    shape.push_back(dim);
  }
  return shape;
}

Result<DType> read_dtype(fbs::TensorType type) {
  const auto code = static_cast<int>(type);
  if (code < 0 || code >= kDTypeCount) return fail(ErrorCode::kUnsupported, "element type {} is not known", code);
  return static_cast<DType>(code);
}

/// The file has two shapes: one to start from, and a signature with -1 where a dimension may change. Some converters
/// leave the second out and write -1 into the first, which the format does not allow for; it can only mean an unknown
/// dimension, so it is read as one: the signature gets it, and the shape starts from 1, as converters that know
/// signatures have it.
Result<void> read_shapes(const fbs::Tensor& tensor, Value& value) {
  TULLE_TRY(value.shape, within(read_shape(tensor.shape()), "shape"));
  if (tensor.shape_signature() != nullptr) {
    TULLE_TRY(const Shape signature, within(read_shape(tensor.shape_signature()), "shape_signature"));
    // An empty one beside a shape with dimensions says nothing.
    if (signature.rank() > 0 || value.shape.rank() == 0) value.signature = signature;
  }
  if (value.shape.known()) return {};
  if (!value.signature) value.signature = value.shape;
  if (value.signature->rank() != value.shape.rank())
    return fail(ErrorCode::kInvalidFile, "shape has {} dimensions, shape_signature {}", value.shape.rank(),
                value.signature->rank());
  for (int i = 0; i < value.shape.rank(); ++i)
    if (value.shape[i] == kUnknown) {
      value.shape[i] = 1;
      (*value.signature)[i] = kUnknown;
    }
  return {};
}

Result<void> read_details(Source& source, const fbs::QuantizationParameters& from, Quantization& to) {
  using Details = Quantization::Details;
  switch (from.details_type()) {
    case fbs::QuantizationDetails::NONE: return {};
    case fbs::QuantizationDetails::CustomQuantization: {
      to.details = Details::kCustom;
      const auto* details = from.details_as_CustomQuantization();
      if (details == nullptr) break;
      TULLE_TRY(to.custom, source.list<std::byte>(details->custom()));
      return {};
    }
    case fbs::QuantizationDetails::BlockwiseQuantization: {
      to.details = Details::kBlockwise;
      const auto* details = from.details_as_BlockwiseQuantization();
      if (details == nullptr) break;
      to.scales_value = details->scales();
      to.zero_points_value = details->zero_points();
      to.block_size = details->block_size();
      return {};
    }
    case fbs::QuantizationDetails::MultiAxisQuantization: {
      to.details = Details::kMultiAxis;
      const auto* details = from.details_as_MultiAxisQuantization();
      if (details == nullptr) break;
      to.scales_value = details->scales();
      to.zero_points_value = details->zero_points();
      to.block_size = details->block_size();
      TULLE_TRY(to.axes, source.list<int32_t>(details->quantized_dimensions()));
      return {};
    }
  }
  if (to.details != Details::kNone) return fail(ErrorCode::kInvalidFile, "details are absent");
  return fail(ErrorCode::kUnsupported, "details of kind {} are not known", static_cast<int>(from.details_type()));
}

Result<std::shared_ptr<const Quantization>> read_quantization(Source& source, const fbs::QuantizationParameters& from) {
  Quantization to;
  TULLE_TRY(to.scale, source.list<float>(from.scale()));
  TULLE_TRY(to.zero_point, source.list<int64_t>(from.zero_point()));
  TULLE_TRY(to.min, source.list<float>(from.min()));
  TULLE_TRY(to.max, source.list<float>(from.max()));
  to.axis = from.quantized_dimension();
  TULLE_CHECK(read_details(source, from, to));
  // Converters give an empty table to every tensor that is not quantised.
  if (to == Quantization{}) return nullptr;
  TULLE_CHECK(source.take(sizeof(Quantization) + 2 * sizeof(void*)));
  return std::make_shared<const Quantization>(std::move(to));
}

/// `type` and `table` are a SparseIndexVector; width and values go to `width` and `to`.
Result<void> read_indices(Source& source, fbs::SparseIndexVector type, const void* table, uint8_t& width,
                          std::vector<int32_t>& to) {
  if (type == fbs::SparseIndexVector::NONE) return {};
  if (type > fbs::SparseIndexVector::MAX)
    return fail(ErrorCode::kUnsupported, "an index vector of kind {} is not known", static_cast<int>(type));
  if (table == nullptr) return fail(ErrorCode::kInvalidFile, "an index vector is absent");
  const auto copy = [&](const auto* vector, uint8_t bits) -> Result<void> {
    width = bits;
    TULLE_TRY(to, source.list<int32_t>(vector->values()));
    return {};
  };
  if (type == fbs::SparseIndexVector::Int32Vector) return copy(static_cast<const fbs::Int32Vector*>(table), 32);
  if (type == fbs::SparseIndexVector::Uint16Vector) return copy(static_cast<const fbs::Uint16Vector*>(table), 16);
  return copy(static_cast<const fbs::Uint8Vector*>(table), 8);
}

Result<Sparsity::Dimension> read_dimension(Source& source, const fbs::DimensionMetadata& from) {
  Sparsity::Dimension to;
  if (from.format() < fbs::DimensionType::MIN || from.format() > fbs::DimensionType::MAX)
    return fail(ErrorCode::kUnsupported, "format {} is not known", static_cast<int>(from.format()));
  to.format = static_cast<Sparsity::Dimension::Format>(from.format());
  to.dense_size = from.dense_size();
  TULLE_CHECK(
      within(read_indices(source, from.array_segments_type(), from.array_segments(), to.segments_width, to.segments),
             "segments"));
  TULLE_CHECK(within(
      read_indices(source, from.array_indices_type(), from.array_indices(), to.indices_width, to.indices), "indices"));
  return to;
}

Result<std::shared_ptr<const Sparsity>> read_sparsity(Source& source, const fbs::SparsityParameters& from) {
  Sparsity to;
  TULLE_TRY(to.traversal_order, source.list<int32_t>(from.traversal_order()));
  TULLE_TRY(to.block_map, source.list<int32_t>(from.block_map()));
  TULLE_TRY(to.dimensions,
            source.each<Sparsity::Dimension>(from.dim_metadata(), [&](const auto& dimension, uint32_t i) {
              return within(read_dimension(source, dimension), "dimension {}", i);
            }));
  TULLE_CHECK(source.take(sizeof(Sparsity) + 2 * sizeof(void*)));
  return std::make_shared<const Sparsity>(std::move(to));
}

Result<Value::Variant> read_variant(const fbs::VariantSubType& from) {
  Value::Variant to;
  TULLE_TRY(to.dtype, read_dtype(from.type()));
  TULLE_TRY(to.shape, within(read_shape(from.shape()), "shape"));
  to.has_rank = from.has_rank();
  return to;
}

}  // namespace

Result<Value> read_value(Source& source, const fbs::Tensor& tensor) {
  Value value;
  TULLE_TRY(value.name, source.text(tensor.name()));
  TULLE_TRY(value.dtype, read_dtype(tensor.type()));
  TULLE_CHECK(read_shapes(tensor, value));
  value.has_rank = tensor.has_rank();
  value.buffer = tensor.buffer();
  value.is_variable = tensor.is_variable();
  value.external_buffer = tensor.external_buffer();
  if (const auto* quantization = tensor.quantization()) {
    TULLE_TRY(value.quantization, within(read_quantization(source, *quantization), "quantization"));
  }
  if (const auto* sparsity = tensor.sparsity()) {
    TULLE_TRY(value.sparsity, within(read_sparsity(source, *sparsity), "sparsity"));
  }
  TULLE_TRY(value.variants, source.each<Value::Variant>(tensor.variant_tensors(), [](const auto& variant, uint32_t i) {
    return within(read_variant(variant), "variant {}", i);
  }));
  return value;
}

}  // namespace tulle::tflite
