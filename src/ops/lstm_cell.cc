// Layers of long short-term memory with weights of reals or of 8-bit codes.
#include "ops/lstm_cell.h"

#include <cmath>

#include "ops/lstm_fast.h"

namespace tulle::ops {
namespace {

constexpr int kGates[] = {TULLE_LSTM_INPUT, TULLE_LSTM_FORGET, TULLE_LSTM_CELL, TULLE_LSTM_OUTPUT};

/// Inputs that come together or not at all.
Result<void> need_same_presence(const Site& site, int i, int j) {
  if (site.has(i) == site.has(j)) return {};
  return site.invalid("inputs {} and {} go together, but only one is present", i, j);
}

Result<void> need(const Site& site, int i) {
  return site.has(i) ? Result<void>{} : site.invalid("input {} is missing", i);
}

/// The operands that the input gate has, too, unless it is coupled to the forget gate.
Result<void> check_gate(const Site& site, const LstmInputs& in, int gate, const LstmSizes& sizes) {
  const bool coupled = !site.has(in.input_weights(TULLE_LSTM_INPUT));
  if (gate == TULLE_LSTM_INPUT && coupled) {
    for (int i : {in.recurrent_weights(gate), in.peephole(gate), in.bias(gate), in.norm >= 0 ? in.norm : -1})
      if (i >= 0 && site.has(i)) return site.invalid("input {} is present without input {}", i, in.input_weights(gate));
    return {};
  }
  for (int i : {in.input_weights(gate), in.recurrent_weights(gate), in.bias(gate)}) TULLE_CHECK(need(site, i));
  TULLE_CHECK(need_shape(site, in.input_weights(gate), {sizes.cell, sizes.input}));
  const int recurrent = in.recurrent_weights(gate);
  if (site.in(recurrent).shape.rank() != 1)
    TULLE_CHECK(need_shape(site, recurrent, {sizes.cell, sizes.output}));
  else if (sizes.cell != sizes.output)
    return site.invalid("input {} is a diagonal, but the layer has {} cells and {} outputs", recurrent, sizes.cell,
                        sizes.output);
  else
    TULLE_CHECK(need_shape(site, recurrent, {sizes.cell}));
  TULLE_CHECK(need_shape(site, in.bias(gate), {sizes.cell}));
  if (gate != TULLE_LSTM_CELL) {
    TULLE_CHECK(need_same_presence(site, in.peephole(gate), in.peephole(TULLE_LSTM_OUTPUT)));
    TULLE_CHECK(need_shape(site, in.peephole(gate), {sizes.cell}));
  }
  if (in.norm >= 0) {
    TULLE_CHECK(need(site, in.norm + gate));
    TULLE_CHECK(need_shape(site, in.norm + gate, {sizes.cell}));
  }
  if (in.aux_weights >= 0) {
    TULLE_CHECK(need(site, in.aux_weights + gate));
    TULLE_CHECK(need_shape(site, in.aux_weights + gate, {sizes.cell, sizes.aux}));
  }
  return {};
}

std::vector<int> weights(const LstmInputs& in) {
  std::vector<int> all = {in.projection()};
  for (int gate : kGates) {
    all.push_back(in.input_weights(gate));
    all.push_back(in.recurrent_weights(gate));
    if (in.aux_weights >= 0) all.push_back(in.aux_weights + gate);
  }
  return all;
}

}  // namespace

int lstm_norm(const Site& site) {
  constexpr int kNorm = 20;
  return site.has(kNorm + TULLE_LSTM_FORGET) ? kNorm : -1;
}

Result<LstmSizes> lstm_sizes(const Site& site, const LstmInputs& in, const Sequence& sequence) {
  const int weights = in.input_weights(TULLE_LSTM_OUTPUT), recurrent = in.recurrent_weights(TULLE_LSTM_OUTPUT);
  for (int i : {weights, recurrent}) {
    const int rank = site.in(i).shape.rank();
    if (rank != 2 && (rank != 1 || i == weights))
      return site.invalid("input {} has shape {}, expected rank 2", i, to_string(site.in(i).shape));
  }
  const Shape& shape = site.in(recurrent).shape;
  LstmSizes sizes = {sequence.size, 0, site.in(weights).shape[0], shape[shape.rank() - 1]};
  if (in.aux_weights >= 0) sizes.aux = site.in(in.aux_input).shape[2];
  for (int gate : kGates) TULLE_CHECK(check_gate(site, in, gate, sizes));
  if (!site.has(in.projection())) {
    if (site.has(in.projection_bias()))
      return site.invalid("input {} is present without input {}", in.projection_bias(), in.projection());
    if (sizes.cell != sizes.output)
      return site.invalid("{} cells cannot make {} outputs without a projection (input {})", sizes.cell, sizes.output,
                          in.projection());
  }
  TULLE_CHECK(need_shape(site, in.projection(), {sizes.output, sizes.cell}));
  TULLE_CHECK(need_shape(site, in.projection_bias(), {sizes.output}));
  TULLE_CHECK(need_elements(site, in.output_state, int64_t{sequence.batch} * sizes.output));
  TULLE_CHECK(need_elements(site, in.cell_state, int64_t{sequence.batch} * sizes.cell));
  for (const char* clip : {"cell_clip", "proj_clip"})
    if (!(site.attributes().real(clip) >= 0))
      return site.invalid("{} is {}, expected 0 or more", clip, site.attributes().real(clip));
  return sizes;
}

Result<LstmCell> LstmCell::make(Site& site, const LstmInputs& inputs, const Sequence& sequence, bool alone) {
  TULLE_CHECK(need_variable(site, inputs.output_state));
  TULLE_CHECK(need_variable(site, inputs.cell_state));
  const std::vector<int> all = weights(inputs);
  for (int i : all) TULLE_CHECK(need_weight_scale(site, i));
  for (int gate : {TULLE_LSTM_INPUT, TULLE_LSTM_FORGET, TULLE_LSTM_OUTPUT})
    TULLE_CHECK(need_weight_scale(site, inputs.peephole(gate)));
  TULLE_TRY(const LstmSizes sizes, lstm_sizes(site, inputs, sequence));
  TULLE_TRY(const tulle_activation activation, recurrent_activation(site));

  const tulle_vector_codes codes = vector_codes(site, inputs.input_weights(TULLE_LSTM_OUTPUT));
  LstmCell cell(site, inputs, all, codes);
  cell.sequence_ = sequence;
  tulle_lstm& lstm = cell.lstm_;
  lstm.coupled = !site.has(inputs.input_weights(TULLE_LSTM_INPUT));
  lstm.activation = activation;
  lstm.codes = codes;
  lstm.cell_clip = site.attributes().real("cell_clip");
  lstm.projection_clip = site.attributes().real("proj_clip");
  lstm.input_size = sizes.input;
  lstm.aux_size = sizes.aux;
  lstm.cell_size = sizes.cell;
  lstm.output_size = sizes.output;
  TULLE_TRY(std::optional<FastLstm> fast, FastLstm::find(site, inputs, sequence, lstm, alone));
  if (fast.has_value()) {
    cell.fast_ = std::make_shared<const FastLstm>(*std::move(fast));
    return cell;
  }
  cell.reals_ = site.scratch(4 * sizeof(float) * static_cast<uint64_t>(sizes.cell));
  cell.codes_ = site.scratch(static_cast<uint64_t>(sizes.input) + sizes.aux + sizes.output + sizes.cell);
  return cell;
}

void LstmCell::bind(const Io& io) {
  const auto operand = [&](int i) {
    return i >= 0 && static_cast<size_t>(i) < io.inputs.size() ? io.inputs[i] : nullptr;
  };
  tulle_matrix* with_sums[3 * TULLE_LSTM_GATES + 1];
  size_t count = 0;
  for (int gate : kGates) {
    tulle_lstm_gate& g = lstm_.gates[gate];
    g.input = matrix(operand(inputs_.input_weights(gate)));
    g.recurrent = matrix(operand(inputs_.recurrent_weights(gate)));
    g.aux = matrix(inputs_.aux_weights >= 0 ? operand(inputs_.aux_weights + gate) : nullptr);
    g.peephole = matrix(gate == TULLE_LSTM_CELL ? nullptr : operand(inputs_.peephole(gate)));
    g.norm = inputs_.norm >= 0 ? io.in<float>(inputs_.norm + gate) : nullptr;
    g.bias = io.in<float>(inputs_.bias(gate));
    for (tulle_matrix* m : {&g.input, &g.recurrent, &g.aux}) with_sums[count++] = m;
  }
  lstm_.projection = matrix(operand(inputs_.projection()));
  lstm_.projection_bias = io.in<float>(inputs_.projection_bias());
  with_sums[count++] = &lstm_.projection;
  sums_.attach({with_sums, count});
}

void LstmCell::run(const Io& io, int input, Direction direction, float* output, int64_t stride) {
  if (fast_ != nullptr) return fast_->run(io, io.in<float>(input), direction == Direction::kBackward, output, stride);
  bind(io);
  auto* reals = reinterpret_cast<float*>(io.scratch[reals_]);
  auto* codes = reinterpret_cast<int8_t*>(io.scratch[codes_]);
  const float* aux = inputs_.aux_weights >= 0 ? io.in<float>(inputs_.aux_input) : nullptr;
  for (int32_t b = 0; b < sequence_.batch; ++b)
    for (int32_t step = 0; step < sequence_.time; ++step) {
      const int64_t row = sequence_.row(direction == Direction::kForward ? step : sequence_.time - 1 - step, b);
      tulle_ref_lstm_step(
          &lstm_, io.in<float>(input) + row * lstm_.input_size, aux == nullptr ? nullptr : aux + row * lstm_.aux_size,
          io.state<float>(inputs_.output_state) + int64_t{b} * lstm_.output_size,
          io.state<float>(inputs_.cell_state) + int64_t{b} * lstm_.cell_size, output + row * stride, reals, codes);
    }
}

}  // namespace tulle::ops
