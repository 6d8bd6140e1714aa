// The int8 form of a long short-term memory layer: int8 weights and activations, int16 gates and cell state.
#pragma once

#include "ops/lstm_cell.h"
#include "ops/lstm_i8.ref.h"

namespace tulle::ops {

class LstmCellI8 {
 public:
  /// The node's intermediates give the scales of its gates before normalisation (0…3) and of what is projected (4).
  static Result<LstmCellI8> make(Site& site, const LstmInputs& inputs, const Sequence& sequence);
  Result<void> operator()(const Io& io);

 private:
  explicit LstmCellI8(const LstmInputs& inputs) : inputs_(inputs) {}
  Result<void> set_gate(const Site& site, int gate, double cell_scale);
  Result<void> set_output(const Site& site);
  Result<tulle_factor> factor(const Site& site, float real, std::string_view what) const;
  void bind(const Io& io);

  LstmInputs inputs_;
  Sequence sequence_;
  tulle_lstm_i8 lstm_ = {};
  int32_t input_zero_point_ = 0, state_zero_point_ = 0, projected_zero_point_ = 0;
  bool constant_ = true, folded_ = false;
  std::vector<int32_t> biases_;  ///< input and recurrent biases of each gate, then the projection's
  int gates_, hidden_;           // scratch
};

}  // namespace tulle::ops
