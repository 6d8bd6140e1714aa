// What the preparation of recurrent layers shares: checks of weights and states, and weights as matrices.
#pragma once

#include "ops/op.h"
#include "ops/recurrent.ref.h"

namespace tulle::ops {

/// The attribute `fused_activation_function`; any of NONE, RELU, RELU_N1_TO_1, RELU6, TANH, SIGN_BIT.
Result<tulle_activation> recurrent_activation(const Site& site);

/// Input i must be a variable: a value that keeps what the node writes to it.
Result<void> need_variable(const Site& site, int i);
/// Input i, where present, must have this shape.
Result<void> need_shape(const Site& site, int i, const Shape& shape);
/// Input i, where present, must have as many elements; recurrent states come in several shapes.
Result<void> need_elements(const Site& site, int i, int64_t elements);
/// The tensor must be quantised as a whole, with a positive finite scale and a zero point that its type can hold.
/// `what` names it in messages: "input 3".
Result<void> need_quantized(const Site& site, const Tensor* tensor, std::string_view what);
/// Input i, where present and of an 8-bit type, must be quantised as a whole.
Result<void> need_weight_scale(const Site& site, int i);

/// Steps of a sequence: [time, batch, size] where time_major, else [batch, time, size]; rank 2 is one step.
struct Sequence {
  int32_t time, batch, size;
  bool time_major;
  /// Which row of `size` numbers holds step t of batch b.
  int64_t row(int32_t t, int32_t b) const {
    return time_major ? static_cast<int64_t>(t) * batch + b : static_cast<int64_t>(b) * time + t;
  }
};
Result<Sequence> sequence(const Site& site, int i, bool time_major);

/// A weight operand as a matrix, absent where the operand is (null); rank 1 is a diagonal.
tulle_matrix matrix(const Tensor* weights);
/// How vectors must come to meet input `weights`: as reals, or as codes with or without a zero point.
tulle_vector_codes vector_codes(const Site& site, int weights);

/// The row sums that matrices of codes need beside vectors with zero points.
class RowSums {
 public:
  /// `weights` are the inputs that `attach` will be given as matrices.
  RowSums(const Site& site, std::span<const int> weights, tulle_vector_codes codes);
  /// Points the matrices at their sums: computed in the first run, and in each where weights are not constants.
  void attach(std::span<tulle_matrix* const> matrices);

 private:
  bool needed_, constant_ = true, done_ = false;
  std::vector<int32_t> sums_;
};

}  // namespace tulle::ops
