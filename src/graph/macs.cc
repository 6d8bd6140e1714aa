// Multiply-accumulates by operator: outputs times the length of the dot product behind each.
#include "graph/macs.h"

namespace tulle {
namespace {

int64_t multiply(int64_t a, int64_t b) {
  constexpr int64_t kLimit = INT64_MAX / 4;
  if (a <= 0 || b <= 0) return 0;
  return a > kLimit / b ? kLimit : a * b;
}

}  // namespace

int64_t count_macs(const Graph& graph, const Node& node) {
  const auto shape = [&](const std::vector<int32_t>& operands, size_t i) -> const Shape* {
    return i < operands.size() && operands[i] != kAbsent ? &graph.values[operands[i]].shape : nullptr;
  };
  const std::string_view op = op_name(node);
  const Shape* first = shape(node.inputs, 0);
  const Shape* second = shape(node.inputs, 1);
  const Shape* out = shape(node.outputs, 0);
  if (first == nullptr || second == nullptr || out == nullptr) return 0;
  if (op == "CONV_2D" && second->rank() == 4) return multiply(out->elements(), second->elements(1, 4));
  if (op == "DEPTHWISE_CONV_2D" && second->rank() == 4) return multiply(out->elements(), second->elements(1, 3));
  if (op == "CONV_3D" && second->rank() == 5) return multiply(out->elements(), second->elements(0, 4));
  if (op == "FULLY_CONNECTED" && second->rank() == 2) return multiply(out->elements(), (*second)[1]);
  if (op == "TRANSPOSE_CONV" && second->rank() == 4)
    if (const Shape* input = shape(node.inputs, 2)) return multiply(input->elements(), second->elements(0, 3));
  if (op == "CONV_3D_TRANSPOSE" && second->rank() == 5)
    if (const Shape* input = shape(node.inputs, 2)) return multiply(input->elements(), second->elements(0, 4));
  if (op == "BATCH_MATMUL" && first->rank() >= 2)
    return multiply(out->elements(), (*first)[first->rank() - (node.attributes.flag("adj_x") ? 2 : 1)]);
  if (op == "UNIDIRECTIONAL_SEQUENCE_LSTM" && first->rank() == 3) {
    int64_t weights = 0;  // the gates' input and recurrent matrices and the projection, applied at every step
    for (size_t i : {1, 2, 3, 4, 5, 6, 7, 8, 16})
      if (const Shape* matrix = shape(node.inputs, i)) weights += matrix->elements();
    return multiply(weights, multiply((*first)[0], (*first)[1]));
  }
  return 0;
}

}  // namespace tulle
