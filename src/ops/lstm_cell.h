// The operands of a long short-term memory layer, which three operators share: where they stand, their checks, and
// steps over a sequence.
#pragma once

#include <memory>

#include "ops/lstm.ref.h"
#include "ops/recurrent.h"

namespace tulle::ops {

/// Operand types of LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM: reals, 8-bit weights, int8 throughout; then the bare cell.
inline constexpr char kLstmTypes[] =
    "f32 f32? f32 f32 f32 f32? f32 f32 f32 f32? f32? f32? f32? f32 f32 f32 f32? f32? f32 f32 f32? f32? f32? f32? > f32;"
    "f32 W? W W W W|f32? W|f32 W|f32 W|f32 W? W? W? f32? f32 f32 f32 W? f32? f32 f32 f32? f32? f32? f32? > f32 : W=i8 "
    "u8;"
    "i8 i8? i8 i8 i8 i8? i8 i8 i8 i16? i16? i16? i32? i32 i32 i32 i8? i32? i8 i16 i16? i16? i16? i16? > i8;"
    "f32 f32 f32 f32 f32 > f32 f32 f32 f32; u8 u8 u8 i32 i16 > u8 i16 u8 i16";

/// Where the operands of one direction stand among a node's inputs.
struct LstmInputs {
  int weights = 1;  ///< input weights, recurrent weights, peepholes, biases, projection and its bias: 17 in a row
  int output_state = 18;
  int cell_state = 19;
  int norm = -1;                         ///< four layer normalisations; -1: none
  int aux_input = -1, aux_weights = -1;  ///< a second input and its four weights; -1: none

  int input_weights(int gate) const { return weights + gate; }
  int recurrent_weights(int gate) const { return weights + 4 + gate; }
  int peephole(int gate) const {
    return weights + (gate == TULLE_LSTM_OUTPUT ? 10 : 8 + gate);
  }  // not of the cell gate
  int bias(int gate) const { return weights + 11 + gate; }
  int projection() const { return weights + 15; }
  int projection_bias() const { return weights + 16; }
};

struct LstmSizes {
  int32_t input, aux, cell, output;
};

/// The layer normalisations of a node with 24 inputs; -1 where the layer has none.
int lstm_norm(const Site& site);
/// Checks the shapes of all operands against each other, and which go together.
Result<LstmSizes> lstm_sizes(const Site& site, const LstmInputs& inputs, const Sequence& sequence);

class FastLstm;

/// A layer of reals or of 8-bit weights, ready to step.
class LstmCell {
 public:
  /// `alone`: the node has no other layer.
  static Result<LstmCell> make(Site& site, const LstmInputs& inputs, const Sequence& sequence, bool alone = true);

  enum class Direction { kForward, kBackward };
  /// Runs the sequence of `input` with the rows of the output `stride` apart, starting at `output`.
  void run(const Io& io, int input, Direction direction, float* output, int64_t stride);

 private:
  LstmCell(const Site& site, const LstmInputs& inputs, std::span<const int> weights, tulle_vector_codes codes)
      : inputs_(inputs), sums_(site, weights, codes) {}
  void bind(const Io& io);

  LstmInputs inputs_;
  Sequence sequence_;
  tulle_lstm lstm_ = {};
  RowSums sums_;
  int reals_, codes_;                     // scratch
  std::shared_ptr<const FastLstm> fast_;  ///< null: the plain loops
};

}  // namespace tulle::ops
