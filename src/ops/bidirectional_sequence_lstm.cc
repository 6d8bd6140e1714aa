// BIDIRECTIONAL_SEQUENCE_LSTM: two layers of long short-term memory over a sequence, one from its end.
#include "ops/bidirectional.h"
#include "ops/lstm_cell.h"

namespace tulle::ops {
namespace {

constexpr int kAuxInput = 39, kForwardAux = 40, kBackwardAux = 44;

LstmInputs operands(const Site& site, LstmInputs inputs, int aux_weights) {
  if (site.has(kForwardAux + TULLE_LSTM_FORGET)) {
    inputs.aux_input = kAuxInput;
    inputs.aux_weights = aux_weights;
  }
  return inputs;
}
LstmInputs forward_operands(const Site& site) {
  return operands(site, {.weights = 1, .output_state = 35, .cell_state = 36}, kForwardAux);
}
LstmInputs backward_operands(const Site& site) {
  return operands(site, {.weights = 18, .output_state = 37, .cell_state = 38}, kBackwardAux);
}

Result<Sequence> steps(const Site& site) {
  if (site.input_count() != 48) return site.invalid("{} inputs, expected 48", site.input_count());
  if (site.in(0).shape.rank() != 3)
    return site.invalid("input 0 has shape {}, expected rank 3", to_string(site.in(0).shape));
  TULLE_CHECK(check_aux_input(site, kAuxInput, kForwardAux + TULLE_LSTM_FORGET));
  return sequence(site, 0, site.attributes().flag("time_major", true));
}

Result<void> shape(Site& site) {
  TULLE_TRY(const Sequence sequence, steps(site));
  TULLE_TRY(const LstmSizes forward, lstm_sizes(site, forward_operands(site), sequence));
  TULLE_TRY(const LstmSizes backward, lstm_sizes(site, backward_operands(site), sequence));
  return set_bidirectional_shapes(site, forward.output, backward.output);
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(const Sequence sequence, steps(site));
  TULLE_TRY(const LstmSizes sizes, lstm_sizes(site, forward_operands(site), sequence));
  TULLE_TRY(LstmCell forward, LstmCell::make(site, forward_operands(site), sequence, false));
  TULLE_TRY(LstmCell backward, LstmCell::make(site, backward_operands(site), sequence, false));
  const bool merged = site.attributes().flag("merge_outputs");
  const int backward_input = site.has(kAuxInput) && !site.has(kForwardAux + TULLE_LSTM_FORGET) ? kAuxInput : 0;
  return [=, forward = std::move(forward), backward = std::move(backward), offset = merged ? sizes.output : 0,
          strides = std::pair(site.out(0).shape[2], site.out(merged ? 0 : 1).shape[2])](
             const Io& io) mutable -> Result<void> {
    forward.run(io, 0, LstmCell::Direction::kForward, io.out<float>(0), strides.first);
    backward.run(io, backward_input, LstmCell::Direction::kBackward, io.out<float>(merged ? 0 : 1) + offset,
                 strides.second);
    return {};
  };
}

// One direction: input weights, recurrent weights, peepholes, biases, projection and its bias.
#define TULLE_DIRECTION(W)                                                     \
  #W "? " #W " " #W " " #W " " #W "? " #W " " #W " " #W " " #W "? " #W "? " #W \
     "? "                                                                      \
     "f32? f32 f32 f32 " #W "? f32? "
#define TULLE_ROW(W)                                                                                              \
  "f32 " TULLE_DIRECTION(W) TULLE_DIRECTION(W) "f32 f32 f32 f32 f32? " #W "? " #W "? " #W "? " #W "? " #W "? " #W \
                                               "? " #W "? " #W "? > f32 f32?"

}  // namespace

extern const Op op_bidirectional_sequence_lstm = {
    .types = TULLE_ROW(f32) ";" TULLE_ROW(W) " : W=i8 u8",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
