// Plain recurrent layers with weights of reals or of 8-bit codes.
#include "ops/rnn_cell.h"

namespace tulle::ops {

Result<int32_t> rnn_units(const Site& site, const RnnInputs& in, const Sequence& sequence) {
  const Shape& weights = site.in(in.weights).shape;
  if (weights.rank() != 2)
    return site.invalid("input {} has shape {}, expected rank 2", in.weights, to_string(weights));
  const int32_t units = weights[0];
  TULLE_CHECK(need_shape(site, in.weights, {units, sequence.size}));
  TULLE_CHECK(need_shape(site, in.recurrent(), {units, units}));
  TULLE_CHECK(need_shape(site, in.bias(), {units}));
  TULLE_CHECK(need_shape(site, in.state(), {sequence.batch, units}));
  if (in.aux_weights >= 0) TULLE_CHECK(need_shape(site, in.aux_weights, {units, site.in(in.aux_input).shape[2]}));
  return units;
}

Result<RnnCell> RnnCell::make(Site& site, const RnnInputs& in, const Sequence& sequence) {
  TULLE_CHECK(need_variable(site, in.state()));
  TULLE_TRY(const int32_t units, rnn_units(site, in, sequence));
  TULLE_TRY(const tulle_activation activation, recurrent_activation(site));
  std::vector<int> weights = {in.weights, in.recurrent()};
  if (in.aux_weights >= 0) weights.push_back(in.aux_weights);
  for (int i : weights) TULLE_CHECK(need_weight_scale(site, i));

  const tulle_vector_codes codes = vector_codes(site, in.weights);
  RnnCell cell(site, in, weights, codes);
  cell.sequence_ = sequence;
  cell.rnn_.activation = activation;
  cell.rnn_.codes = codes;
  cell.rnn_.input_size = sequence.size;
  cell.rnn_.aux_size = in.aux_weights >= 0 ? site.in(in.aux_input).shape[2] : 0;
  cell.rnn_.units = units;
  cell.codes_ = site.scratch(static_cast<uint64_t>(sequence.size) + cell.rnn_.aux_size + units);
  return cell;
}

void RnnCell::run(const Io& io, int input, Direction direction, float* output, int64_t stride) {
  const float* aux = nullptr;
  rnn_.input = matrix(io.inputs[inputs_.weights]);
  rnn_.recurrent = matrix(io.inputs[inputs_.recurrent()]);
  rnn_.bias = io.in<float>(inputs_.bias());
  if (inputs_.aux_weights >= 0) {
    rnn_.aux = matrix(io.inputs[inputs_.aux_weights]);
    aux = io.in<float>(inputs_.aux_input);
  }
  tulle_matrix* const matrices[] = {&rnn_.input, &rnn_.recurrent, &rnn_.aux};
  sums_.attach(matrices);
  auto* codes = reinterpret_cast<int8_t*>(io.scratch[codes_]);
  for (int32_t b = 0; b < sequence_.batch; ++b)
    for (int32_t step = 0; step < sequence_.time; ++step) {
      const int64_t row = sequence_.row(direction == Direction::kForward ? step : sequence_.time - 1 - step, b);
      tulle_ref_rnn_step(&rnn_, io.in<float>(input) + row * rnn_.input_size,
                         aux == nullptr ? nullptr : aux + row * rnn_.aux_size,
                         io.state<float>(inputs_.state()) + int64_t{b} * rnn_.units, output + row * stride, codes);
    }
}

Result<void> rnn_shape(Site& site, int rank) {
  const Shape& input = site.in(0).shape;
  if (input.rank() != rank) return site.invalid("input 0 has shape {}, expected rank {}", to_string(input), rank);
  TULLE_TRY(const Sequence steps, sequence(site, 0, site.attributes().flag("time_major")));
  TULLE_TRY(const int32_t units, rnn_units(site, {}, steps));
  Shape output = input;
  output[rank - 1] = units;
  return site.set_shape(0, output);
}

Result<Kernel> rnn(Site& site) {
  TULLE_TRY(const Sequence steps, sequence(site, 0, site.attributes().flag("time_major")));
  TULLE_TRY(RnnCell cell, RnnCell::make(site, {}, steps));
  const Shape& output = site.out(0).shape;
  return [cell = std::move(cell), stride = output[output.rank() - 1]](const Io& io) mutable -> Result<void> {
    cell.run(io, 0, RnnCell::Direction::kForward, io.out<float>(0), stride);
    return {};
  };
}

}  // namespace tulle::ops
