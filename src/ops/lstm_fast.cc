// Packing and steps of layers by vector kernels.
#include "ops/lstm_fast.h"

#include <algorithm>
#include <limits>

namespace tulle::ops {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr int64_t kMany = 1 << 17;  ///< products of a step that threads share

kernels::Conv2d product(int64_t rows, int32_t depth, uint64_t columns) {
  const auto height = static_cast<int32_t>(rows);
  return {.in_h = height, .in_c = depth, .out_h = height, .out_c = static_cast<int32_t>(columns)};
}

}  // namespace

FastLstm::FastLstm(Site& site, const LstmInputs& inputs, const Sequence& sequence, const tulle_lstm& lstm, int workers)
    : kernels_(site.kernels),
      inputs_(inputs),
      sequence_(sequence),
      lstm_(lstm),
      shared_(workers > 1),
      input_(*site.kernels, product(int64_t{sequence.time} * sequence.batch, lstm.input_size, width()), site.workers),
      recurrent_(*site.kernels, product(sequence.batch, lstm.output_size, width()), workers) {
  const uint64_t steps = static_cast<uint64_t>(sequence.time) * static_cast<uint64_t>(sequence.batch);
  const auto reals = [&](uint64_t count) { return static_cast<size_t>(site.scratch(sizeof(float) * count)); };
  gates_ = reals(steps * width());
  added_ = reals(static_cast<uint64_t>(sequence.batch) * width());
  bands_ = static_cast<size_t>(site.scratch(input_.scratch_bytes()));
  state_bands_ = static_cast<size_t>(site.scratch(recurrent_.scratch_bytes()));
}

Result<std::optional<FastLstm>> FastLstm::find(Site& site, const LstmInputs& inputs, const Sequence& sequence,
                                               const tulle_lstm& lstm, bool alone) {
  const int64_t rows = int64_t{sequence.time} * sequence.batch;
  if (site.float_kernels() == nullptr || rows == 0 || rows > INT32_MAX / 64) return std::nullopt;
  if (std::min({lstm.input_size, lstm.output_size, lstm.cell_size}) == 0 || lstm.cell_size > INT32_MAX / 64)
    return std::nullopt;
  if (inputs.norm >= 0 || inputs.aux_weights >= 0 || site.has(inputs.projection()) ||
      site.has(inputs.peephole(TULLE_LSTM_OUTPUT)))
    return std::nullopt;
  for (const int gate : lstm_gates(lstm.coupled)) {
    const int weights = inputs.input_weights(gate), recurrent = inputs.recurrent_weights(gate);
    for (const int i : {weights, recurrent})
      if (site.in(i).dtype != DType::kFloat32 || site.in(i).shape.rank() != 2) return std::nullopt;
    for (const int i : {weights, recurrent, inputs.bias(gate)})
      if (!site.constant(i)) return std::nullopt;
  }
  const int64_t products = int64_t{4} * lstm.cell_size * lstm.output_size * sequence.batch;
  FastLstm found(site, inputs, sequence, lstm, products < kMany ? 1 : site.workers);
  const uint64_t bytes = found.input_.packed_bytes() + found.recurrent_.packed_bytes();
  if (alone) {
    TULLE_TRY(found.packed_,
              site.keep(lstm.input_size, bytes, [&](std::byte* to, ThreadPool* pool) { found.pack(site, to, pool); }));
  } else {
    found.own_ = std::make_shared<std::byte[]>(bytes);
    found.pack(site, found.own_.get(), nullptr);
    found.packed_ = found.own_.get();
  }
  return found;
}

void FastLstm::pack(const Site& site, std::byte* to, ThreadPool* pool) const {
  std::vector<float> input, recurrent, bias;
  for (const int gate : lstm_gates(lstm_.coupled)) {
    const auto append = [&](std::vector<float>& all, int i) {
      const std::span<const float> own = site.values<float>(i);
      all.insert(all.end(), own.begin(), own.end());
    };
    append(input, inputs_.input_weights(gate));
    append(recurrent, inputs_.recurrent_weights(gate));
    append(bias, inputs_.bias(gate));
  }
  input_.pack(input.data(), bias.data(), to, pool);
  recurrent_.pack(recurrent.data(), nullptr, to + input_.packed_bytes(), pool);
}

void FastLstm::run(const Io& io, const float* x, bool backward, float* output, int64_t stride) const {
  auto* gates = reinterpret_cast<float*>(io.scratch[gates_]);
  auto* added = reinterpret_cast<float*>(io.scratch[added_]);
  auto* states = io.state<float>(inputs_.output_state);
  const auto columns = static_cast<int64_t>(width()), cells = int64_t{lstm_.cell_size};
  input_.run(x, packed_, io.scratch[bands_], io.pool, {-kInfinity, kInfinity, gates});
  for (int32_t i = 0; i < sequence_.time; ++i) {
    recurrent_.run(states, packed_ + input_.packed_bytes(), io.scratch[state_bands_], shared_ ? io.pool : nullptr,
                   {-kInfinity, kInfinity, added});
    for (int32_t b = 0; b < sequence_.batch; ++b) {
      const int64_t row = sequence_.row(backward ? sequence_.time - 1 - i : i, b);
      float* own = gates + row * columns;
      for (int64_t c = 0; c < columns; ++c) own[c] += added[b * columns + c];
      step(own, io.state<float>(inputs_.cell_state) + b * cells, states + b * cells);
      std::copy_n(states + b * cells, cells, output + row * stride);
    }
  }
}

void FastLstm::step(float* gates, float* cell_state, float* output_state) const {
  const int32_t n = lstm_.cell_size;
  const float* in = gates;
  float *forget = lstm_.coupled ? gates : gates + n, *out = forget + n, *cell = out + n;
  const auto activate = [&](const float* from, float* to) {
    if (lstm_.activation == TULLE_TANH) return kernels_->tanh(from, to, n);
    if (from != to) std::copy_n(from, n, to);
    tulle_ref_activate_f32(to, n, lstm_.activation);
  };
  kernels_->logistic(gates, gates, cell - gates);
  activate(cell, cell);
  for (int32_t i = 0; i < n; ++i)
    cell_state[i] = forget[i] * cell_state[i] + cell[i] * (lstm_.coupled ? 1.0f - forget[i] : in[i]);
  tulle_ref_clip_f32(cell_state, n, lstm_.cell_clip);
  activate(cell_state, output_state);
  for (int32_t i = 0; i < n; ++i) output_state[i] *= out[i];
}

}  // namespace tulle::ops
