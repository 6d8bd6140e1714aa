// The operands of a plain recurrent layer, which three operators share, and steps over a sequence.
#pragma once

#include "ops/recurrent.h"
#include "ops/rnn.ref.h"

namespace tulle::ops {

/// Where the operands of one direction stand among a node's inputs.
struct RnnInputs {
  int weights = 1;                       ///< then recurrent weights, bias and state
  int aux_input = -1, aux_weights = -1;  ///< a second input and its weights; -1: none

  int recurrent() const { return weights + 1; }
  int bias() const { return weights + 2; }
  int state() const { return weights + 3; }
};

/// Checks the shapes of all operands against each other, and gives the number of outputs of a step.
Result<int32_t> rnn_units(const Site& site, const RnnInputs& inputs, const Sequence& sequence);

/// A layer of reals or of 8-bit weights, ready to step.
class RnnCell {
 public:
  static Result<RnnCell> make(Site& site, const RnnInputs& inputs, const Sequence& sequence);

  enum class Direction { kForward, kBackward };
  /// Runs the sequence of `input` with the rows of the output `stride` apart, starting at `output`.
  void run(const Io& io, int input, Direction direction, float* output, int64_t stride);

 private:
  RnnCell(const Site& site, const RnnInputs& inputs, std::span<const int> weights, tulle_vector_codes codes)
      : inputs_(inputs), sums_(site, weights, codes) {}

  RnnInputs inputs_;
  Sequence sequence_;
  tulle_rnn rnn_ = {};
  RowSums sums_;
  int codes_;  // scratch
};

/// RNN and UNIDIRECTIONAL_SEQUENCE_RNN: one direction over inputs of this rank.
Result<void> rnn_shape(Site& site, int rank);
Result<Kernel> rnn(Site& site);

}  // namespace tulle::ops
