// Checks and weights of recurrent layers.
#include "ops/recurrent.h"

#include <cmath>

namespace tulle::ops {

Result<tulle_activation> recurrent_activation(const Site& site) {
  struct Name {
    std::string_view name;
    tulle_activation activation;
  };
  static constexpr Name kNames[] = {{"NONE", TULLE_NONE},   {"RELU", TULLE_RELU}, {"RELU_N1_TO_1", TULLE_RELU_N1_TO_1},
                                    {"RELU6", TULLE_RELU6}, {"TANH", TULLE_TANH}, {"SIGN_BIT", TULLE_SIGN_BIT}};
  const std::string_view wanted = site.attributes().symbol("fused_activation_function", "NONE");
  for (const Name& entry : kNames)
    if (entry.name == wanted) return entry.activation;
  return site.unsupported("unknown fused activation {}", wanted);
}

Result<void> need_variable(const Site& site, int i) {
  const Value& value = site.model->graphs[site.graph_index].values[site.node->inputs[i]];
  if (value.is_variable) return {};
  return site.invalid("input {} '{}' keeps the state of the layer, so it must be a variable", i, value.name);
}

Result<void> need_shape(const Site& site, int i, const Shape& shape) {
  if (!site.has(i) || site.in(i).shape == shape) return {};
  return site.invalid("input {} has shape {}, expected {}", i, to_string(site.in(i).shape), to_string(shape));
}

Result<void> need_elements(const Site& site, int i, int64_t elements) {
  if (!site.has(i) || site.in(i).elements() == elements) return {};
  return site.invalid("input {} has shape {}, expected {} elements", i, to_string(site.in(i).shape), elements);
}

Result<void> need_quantized(const Site& site, const Tensor* tensor, std::string_view what) {
  if (tensor == nullptr) return site.invalid("{} is missing", what);
  if (tensor->quantization == nullptr || !tensor->quantization->per_tensor() ||
      tensor->quantization->zero_point.size() > 1)
    return site.invalid("{} must have one scale and one zero point", what);
  if (!std::isfinite(tensor->scale()) || tensor->scale() <= 0)
    return site.invalid("{} has scale {}, which is not a positive number", what, tensor->scale());
  const int width = bits(tensor->dtype);
  const int64_t low = tensor->dtype == DType::kUint8 ? 0 : -(int64_t{1} << (width - 1));
  const int64_t high = low + (int64_t{1} << width) - 1;
  if (tensor->zero_point() < low || tensor->zero_point() > high)
    return site.invalid("{} has zero point {}, outside {}…{}", what, tensor->zero_point(), low, high);
  return {};
}

Result<void> need_weight_scale(const Site& site, int i) {
  if (!site.has(i) || site.in(i).dtype == DType::kFloat32) return {};
  return need_quantized(site, &site.in(i), "input " + std::to_string(i));
}

Result<Sequence> sequence(const Site& site, int i, bool time_major) {
  const Shape& shape = site.in(i).shape;
  if (shape.rank() == 2) return Sequence{1, shape[0], shape[1], time_major};
  if (shape.rank() != 3) return site.invalid("input {} has shape {}, expected rank 3", i, to_string(shape));
  return Sequence{shape[time_major ? 0 : 1], shape[time_major ? 1 : 0], shape[2], time_major};
}

tulle_matrix matrix(const Tensor* weights) {
  tulle_matrix matrix = {};
  if (weights == nullptr) return matrix;
  if (weights->dtype == DType::kFloat32)
    matrix.reals = weights->as<const float>();
  else
    matrix.codes = weights->as<const int8_t>();
  matrix.scale = weights->scale();
  matrix.diagonal = weights->shape.rank() == 1;
  matrix.rows = weights->shape[0];
  matrix.cols = matrix.diagonal ? 1 : weights->shape[1];
  return matrix;
}

tulle_vector_codes vector_codes(const Site& site, int weights) {
  if (site.in(weights).dtype == DType::kFloat32) return TULLE_REALS;
  return site.attributes().flag("asymmetric_quantize_inputs") ? TULLE_ASYMMETRIC : TULLE_SYMMETRIC;
}

RowSums::RowSums(const Site& site, std::span<const int> weights, tulle_vector_codes codes)
    : needed_(codes == TULLE_ASYMMETRIC) {
  if (!needed_) return;
  size_t rows = 0;
  for (int i : weights) {
    if (!site.has(i)) continue;
    constant_ &= site.known(i);
    rows += static_cast<size_t>(site.in(i).shape[0]);
  }
  sums_.resize(rows);
}

void RowSums::attach(std::span<tulle_matrix* const> matrices) {
  if (!needed_) return;
  int32_t* sums = sums_.data();
  for (tulle_matrix* matrix : matrices) {
    if (matrix->codes == nullptr || matrix->diagonal) continue;
    if (!done_) tulle_ref_row_sums_i8(matrix->codes, matrix->rows, matrix->cols, sums);
    matrix->row_sums = sums;
    sums += matrix->rows;
  }
  done_ = constant_;
}

}  // namespace tulle::ops
