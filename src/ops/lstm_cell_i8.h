// The int8 form of a long short-term memory layer: int8 weights and activations, int16 gates and cell state.
#pragma once

#include <memory>

#include "kernels/int_conv.h"
#include "ops/loops.h"
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
  /// What vector kernels take: the products of the inputs of all steps at once, and those of the states.
  struct Fast {
    kernels::IntConv input, recurrent;
    const Loops* loops;
    size_t sums, state_sums, bands, state_bands;  ///< scratch
  };

  /// Batches that step together lie behind each other for the peepholes; see tulle_lstm_i8.
  int64_t first_cell(int32_t b) const { return sequence_.time_major ? int64_t{b} * lstm_.cell_size : 0; }

  void bind(const Io& io);
  Result<void> make_fast(Site& site);
  void run_fast(const Io& io) const;
  void step_fast(const uint32_t* input_sums, const uint32_t* state_sums, int8_t* output_state, int16_t* cell_state,
                 int64_t first_cell, int16_t* gates, int8_t* hidden) const;
  std::span<const int> gates() const;
  size_t width() const { return gates().size() * static_cast<size_t>(lstm_.cell_size); }

  LstmInputs inputs_;
  Sequence sequence_;
  tulle_lstm_i8 lstm_ = {};
  int32_t input_zero_point_ = 0, state_zero_point_ = 0, projected_zero_point_ = 0;
  bool constant_ = true, folded_ = false;
  std::vector<int32_t> biases_;       ///< input and recurrent biases of each gate, then the projection's
  int gates_, hidden_;                // scratch
  std::shared_ptr<const Fast> fast_;  ///< null: the plain loops
};

}  // namespace tulle::ops
