// Layers of long short-term memory by vector kernels: the products of all steps' inputs at once, since they do not hang
// on the state, then for each step that of the state, for all members of the batch.
#pragma once

#include <memory>
#include <optional>

#include "kernels/float_conv.h"
#include "ops/lstm_cell.h"

namespace tulle::ops {

/// A product of rows by the weights of all gates, those of the cell last.
inline constexpr int kLstmOrder[] = {TULLE_LSTM_INPUT, TULLE_LSTM_FORGET, TULLE_LSTM_OUTPUT, TULLE_LSTM_CELL};
/// The gates that a layer has, of the order above: all, or where the input gate is coupled, from the second on.
inline std::span<const int> lstm_gates(bool coupled) { return std::span(kLstmOrder).subspan(coupled ? 1 : 0); }

class FastLstm {
 public:
  /// Nothing where the plain loops have to do it: weights that are codes or no constants, peepholes, a second input,
  /// normalisation or a projection. `alone`: no other layer of the node keeps weights.
  static Result<std::optional<FastLstm>> find(Site& site, const LstmInputs& inputs, const Sequence& sequence,
                                              const tulle_lstm& lstm, bool alone);

  /// Runs the sequence x, from its end where `backward`, with the rows of the output `stride` apart.
  void run(const Io& io, const float* x, bool backward, float* output, int64_t stride) const;

 private:
  FastLstm(Site& site, const LstmInputs& inputs, const Sequence& sequence, const tulle_lstm& lstm, int workers);
  void pack(const Site& site, std::byte* to, ThreadPool* pool) const;
  void step(float* gates, float* cell_state, float* output_state) const;
  size_t width() const { return lstm_gates(lstm_.coupled).size() * static_cast<size_t>(lstm_.cell_size); }

  const kernels::Kernels* kernels_;
  LstmInputs inputs_;
  Sequence sequence_;
  tulle_lstm lstm_;
  bool shared_;  ///< threads share the product of the state
  kernels::FloatConv input_, recurrent_;
  std::shared_ptr<std::byte[]> own_;  ///< what is packed, where the session does not keep it
  const std::byte* packed_ = nullptr;
  size_t gates_, added_, bands_, state_bands_;  ///< scratch
};

}  // namespace tulle::ops
