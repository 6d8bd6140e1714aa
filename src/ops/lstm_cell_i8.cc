// Factors, biases and steps of int8 layers of long short-term memory.
#include "ops/lstm_cell_i8.h"

#include <algorithm>
#include <cmath>

namespace tulle::ops {
namespace {

constexpr int kGates[] = {TULLE_LSTM_INPUT, TULLE_LSTM_FORGET, TULLE_LSTM_CELL, TULLE_LSTM_OUTPUT};
constexpr size_t kIntermediates = 5, kHidden = 4;

/// bias (0 where null) + zero_point * the sums of the rows of weights; wraps.
void fold(const int8_t* weights, const int32_t* bias, int32_t zero_point, int32_t rows, int32_t cols, int32_t* folded) {
  tulle_ref_row_sums_i8(weights, rows, cols, folded);
  for (int32_t r = 0; r < rows; ++r)
    folded[r] = static_cast<int32_t>(static_cast<uint32_t>(folded[r]) * static_cast<uint32_t>(zero_point) +
                                     static_cast<uint32_t>(bias == nullptr ? 0 : bias[r]));
}

/// log2 of a scale that is nearly a power of two.
Result<int> exponent(const Site& site, int i) {
  const float exact = std::log(site.in(i).scale()) * (1.0f / std::log(2.0f));
  const int rounded = static_cast<int>(std::round(exact));
  if (std::abs(exact - static_cast<float>(rounded)) < 1e-3f) return rounded;
  return site.invalid("input {} has scale {}, expected a power of two", i, site.in(i).scale());
}

}  // namespace

Result<tulle_factor> LstmCellI8::factor(const Site& site, float real, std::string_view what) const {
  if (!std::isfinite(real)) return site.invalid("the scales around {} give the factor {}", what, real);
  return tulle_factor_from(real);
}

Result<void> LstmCellI8::set_gate(const Site& site, int gate, double cell_scale) {
  tulle_lstm_gate_i8& g = lstm_.gates[gate];
  const bool norm = inputs_.norm >= 0;
  const int weights = inputs_.input_weights(gate), recurrent = inputs_.recurrent_weights(gate);
  const auto scale = [&](int i) { return site.in(i).scale(); };
  for (int i : {weights, recurrent}) TULLE_CHECK(need_weight_scale(site, i));
  if (site.in(recurrent).shape.rank() != 2)
    return site.unsupported("input {} is a diagonal of int8 weights", recurrent);

  float gate_scale = 1.0f / 4096;
  if (norm) {
    TULLE_CHECK(need_quantized(site, site.intermediates[gate], "intermediate " + std::to_string(gate)));
    gate_scale = site.intermediates[gate]->scale();
  }
  TULLE_TRY(g.input_factor, factor(site, scale(weights) * scale(0) / gate_scale, "the input weights"));
  TULLE_TRY(g.recurrent_factor,
            factor(site, scale(recurrent) * scale(inputs_.output_state) / gate_scale, "the recurrent weights"));
  if (const int i = inputs_.peephole(gate); gate != TULLE_LSTM_CELL && site.has(i)) {
    TULLE_CHECK(need_weight_scale(site, i));
    const double real = cell_scale * static_cast<double>(scale(i)) / static_cast<double>(gate_scale);
    TULLE_TRY(g.peephole_factor, factor(site, static_cast<float>(real), "the peephole weights"));
  }
  if (norm) {
    const int i = inputs_.norm + gate;
    TULLE_CHECK(need_weight_scale(site, i));
    if (scale(i) >= 1024) return site.unsupported("input {} has scale {}, the most is 1024", i, scale(i));
    g.norm_factor = tulle_factor_from(scale(i));
    g.least_variance = std::max(1, static_cast<int32_t>(10000 * scale(i)));
  }
  return {};
}

Result<void> LstmCellI8::set_output(const Site& site) {
  const Tensor* hidden = site.intermediates[kHidden];
  TULLE_CHECK(need_quantized(site, hidden, "intermediate 4"));
  const double unit = std::ldexp(1.0, -15);
  const auto real = static_cast<float>(unit / static_cast<double>(hidden->scale()) * unit);
  TULLE_TRY(lstm_.hidden_factor, factor(site, real, "intermediate 4"));
  const auto hidden_zero_point = static_cast<int32_t>(hidden->zero_point());
  if (const int i = inputs_.projection(); site.has(i)) {
    TULLE_CHECK(need_weight_scale(site, i));
    const float scale = site.in(i).scale() * hidden->scale() / site.in(inputs_.output_state).scale();
    TULLE_TRY(lstm_.projection_factor, factor(site, scale, "the projection"));
    // The reference takes what it projects with the opposite zero point.
    lstm_.hidden_zero_point = -hidden_zero_point;
    projected_zero_point_ = hidden_zero_point;
  } else {
    lstm_.hidden_zero_point = hidden_zero_point;
  }
  lstm_.output_zero_point = static_cast<int32_t>(site.in(inputs_.output_state).zero_point());
  const float cell_clip = site.attributes().real("cell_clip"), projection_clip = site.attributes().real("proj_clip");
  if (cell_clip > 0)
    lstm_.cell_clip = static_cast<int16_t>(std::min(cell_clip / site.in(inputs_.cell_state).scale(), 32767.0f));
  if (projection_clip > 0)
    lstm_.projection_clip = static_cast<int8_t>(std::min(projection_clip / site.out(0).scale(), 127.0f));
  return {};
}

Result<LstmCellI8> LstmCellI8::make(Site& site, const LstmInputs& inputs, const Sequence& sequence) {
  TULLE_CHECK(need_variable(site, inputs.output_state));
  TULLE_CHECK(need_variable(site, inputs.cell_state));
  if (site.intermediates.size() != kIntermediates)
    return site.unsupported("{} intermediates describe the gates of an int8 layer, expected {}",
                            site.intermediates.size(), kIntermediates);
  for (int i : {0, inputs.output_state, inputs.cell_state}) TULLE_CHECK(need_weight_scale(site, i));
  TULLE_CHECK(need_quantized(site, &site.out(0), "output 0"));
  TULLE_TRY(const LstmSizes sizes, lstm_sizes(site, inputs, sequence));
  if (site.has(inputs.peephole(TULLE_LSTM_OUTPUT)) && sizes.output > sizes.cell)
    return site.unsupported("int8 peepholes with {} cells and {} outputs", sizes.cell, sizes.output);

  TULLE_TRY(const int cell_exponent, exponent(site, inputs.cell_state));
  if (cell_exponent < -15 || cell_exponent > -9)
    return site.unsupported("input {} has scale {}, expected 2^-15 … 2^-9", inputs.cell_state,
                            site.in(inputs.cell_state).scale());

  LstmCellI8 cell(inputs);
  cell.sequence_ = sequence;
  cell.input_zero_point_ = static_cast<int32_t>(site.in(0).zero_point());
  cell.state_zero_point_ = static_cast<int32_t>(site.in(inputs.output_state).zero_point());
  tulle_lstm_i8& lstm = cell.lstm_;
  lstm.coupled = !site.has(inputs.input_weights(TULLE_LSTM_INPUT));
  lstm.cell_bits = 15 + cell_exponent;
  lstm.input_size = sizes.input;
  lstm.cell_size = sizes.cell;
  lstm.output_size = sizes.output;
  lstm.peephole_end = int64_t{sequence.time_major ? sequence.batch : 1} * sizes.output;
  for (int gate : kGates) {
    if (gate == TULLE_LSTM_INPUT && lstm.coupled) continue;
    TULLE_CHECK(cell.set_gate(site, gate, std::ldexp(1.0, cell_exponent)));
  }
  TULLE_CHECK(cell.set_output(site));
  for (int i = 0; i < site.input_count(); ++i)
    if (i != 0 && i != inputs.output_state && i != inputs.cell_state && site.has(i)) cell.constant_ &= site.known(i);
  cell.biases_.resize(2 * TULLE_LSTM_GATES * static_cast<size_t>(sizes.cell) + sizes.output);
  cell.gates_ = site.scratch(TULLE_LSTM_GATES * sizeof(int16_t) * static_cast<uint64_t>(sizes.cell));
  cell.hidden_ = site.scratch(static_cast<uint64_t>(sizes.cell));
  TULLE_CHECK(cell.make_fast(site));
  return cell;
}

std::span<const int> LstmCellI8::gates() const { return std::span(kGates).subspan(lstm_.coupled ? 1 : 0); }

Result<void> LstmCellI8::make_fast(Site& site) {
  const int64_t rows = int64_t{sequence_.time} * sequence_.batch;
  if (site.kernels == nullptr || rows == 0 || rows > INT32_MAX / 64 || lstm_.cell_size > INT32_MAX / 64 ||
      std::min({lstm_.input_size, lstm_.output_size, lstm_.cell_size}) == 0)
    return {};
  std::vector<uint8_t> input, recurrent;
  for (const int gate : gates()) {
    const int i = inputs_.input_weights(gate), j = inputs_.recurrent_weights(gate);
    if (!site.constant(i) || !site.constant(j)) return {};
    const auto w = site.values<uint8_t>(i), r = site.values<uint8_t>(j);
    input.insert(input.end(), w.begin(), w.end());
    recurrent.insert(recurrent.end(), r.begin(), r.end());
  }
  const auto product = [&](int64_t count, int32_t depth, int workers) {
    const auto height = static_cast<int32_t>(count);
    const kernels::Conv2d conv = {
        .in_h = height, .in_c = depth, .out_h = height, .out_c = static_cast<int32_t>(width())};
    return kernels::IntConv(*site.kernels, conv, kernels::Bytes8::kInt8, workers, false);
  };
  Fast fast{product(rows, lstm_.input_size, site.workers),
            product(sequence_.batch, lstm_.output_size, 1),
            &loops(site),
            static_cast<size_t>(site.scratch(sizeof(int32_t) * static_cast<uint64_t>(rows) * width())),
            static_cast<size_t>(site.scratch(sizeof(int32_t) * static_cast<uint64_t>(sequence_.batch) * width())),
            0,
            0};
  if (!fast.input.sensible() || !fast.recurrent.sensible()) return {};
  fast.bands = static_cast<size_t>(site.scratch(fast.input.scratch_bytes()));
  fast.state_bands = static_cast<size_t>(site.scratch(fast.recurrent.scratch_bytes()));
  const uint64_t first = (fast.input.packed_bytes() + 63) / 64 * 64;
  TULLE_TRY(const std::byte* packed,
            site.keep(lstm_.input_size, first + fast.recurrent.packed_bytes(), [&](std::byte* to, ThreadPool* pool) {
              std::fill_n(to, first, std::byte{0});
              fast.input.pack(input.data(), 0, to, pool);
              fast.recurrent.pack(recurrent.data(), 0, to + first, pool);
            }));
  fast.input.use(packed);
  fast.recurrent.use(packed + first);
  fast_ = std::make_shared<const Fast>(std::move(fast));
  return {};
}

void LstmCellI8::bind(const Io& io) {
  int32_t* bias = biases_.data();
  for (int gate : kGates) {
    tulle_lstm_gate_i8& g = lstm_.gates[gate];
    g.input = io.in<int8_t>(inputs_.input_weights(gate));
    g.recurrent = io.in<int8_t>(inputs_.recurrent_weights(gate));
    g.peephole = gate == TULLE_LSTM_CELL ? nullptr : io.in<int16_t>(inputs_.peephole(gate));
    g.norm = inputs_.norm >= 0 ? io.in<int16_t>(inputs_.norm + gate) : nullptr;
    g.norm_bias = io.in<int32_t>(inputs_.bias(gate));
    g.input_bias = bias;
    g.recurrent_bias = bias += lstm_.cell_size;
    bias += lstm_.cell_size;
  }
  lstm_.projection = io.in<int8_t>(inputs_.projection());
  lstm_.projection_bias = bias;
  if (folded_) return;
  bias = biases_.data();
  for (int gate : kGates) {
    const tulle_lstm_gate_i8& g = lstm_.gates[gate];
    if (g.input != nullptr) {
      const int32_t n = lstm_.cell_size;
      fold(g.input, g.norm == nullptr ? g.norm_bias : nullptr, -input_zero_point_, n, lstm_.input_size, bias);
      fold(g.recurrent, nullptr, -state_zero_point_, n, lstm_.output_size, bias + n);
    }
    bias += 2 * static_cast<size_t>(lstm_.cell_size);
  }
  if (lstm_.projection != nullptr)
    fold(lstm_.projection, io.in<int32_t>(inputs_.projection_bias()), projected_zero_point_, lstm_.output_size,
         lstm_.cell_size, bias);
  folded_ = constant_;
}

void LstmCellI8::step_fast(const uint32_t* input_sums, const uint32_t* state_sums, int8_t* output_state,
                           int16_t* cell_state, int64_t first_cell, int16_t* gates, int8_t* hidden) const {
  const int32_t n = lstm_.cell_size;
  const Loops& with = *fast_->loops;
  int16_t *in = gates, *forget = in + n, *cell = forget + n, *out = cell + n;
  std::fill_n(gates, 4 * static_cast<size_t>(n), int16_t{0});
  size_t at = 0;
  for (const int gate : this->gates()) {
    const tulle_lstm_gate_i8& g = lstm_.gates[gate];
    int16_t* y = gates + static_cast<size_t>(gate) * static_cast<size_t>(n);
    with.tulle_ref_add_scaled_i16(input_sums + at, g.input_bias, g.input_factor, n, y);
    with.tulle_ref_add_scaled_i16(state_sums + at, g.recurrent_bias, g.recurrent_factor, n, y);
    if (gate != TULLE_LSTM_OUTPUT) tulle_ref_lstm_look_i8(&lstm_, &g, cell_state, first_cell, y);
    at += static_cast<size_t>(n);
  }
  with.tulle_ref_logistic16(in, 2 * n, in);
  with.tulle_ref_tanh16(cell, n, 3, cell);
  with.tulle_ref_lstm_cells_i8(lstm_.coupled ? nullptr : in, forget, cell, n, lstm_.cell_bits, lstm_.cell_clip,
                               cell_state);
  tulle_ref_lstm_look_i8(&lstm_, &lstm_.gates[TULLE_LSTM_OUTPUT], cell_state, first_cell, out);
  with.tulle_ref_logistic16(out, n, out);
  with.tulle_ref_tanh16(cell_state, n, lstm_.cell_bits, cell);
  tulle_ref_lstm_hidden_i8(&lstm_, out, cell, hidden, output_state);
}

void LstmCellI8::run_fast(const Io& io) const {
  constexpr int32_t kZero = 0;  // zero points are in the biases
  const size_t columns = width();
  const auto sums_of = [&](const kernels::IntConv& product, const int8_t* x, size_t bands, ThreadPool* pool,
                           size_t to) {
    auto* sums = reinterpret_cast<uint32_t*>(io.scratch[to]);
    const auto inner = static_cast<uint32_t>(product.inner_zero(kZero));
    const auto emit = [&](const kernels::Sums& tile) {
      const int32_t* weights = product.slots().data() + tile.slot;
      for (int32_t m = 0; m < tile.rows; ++m) {
        const int32_t* from = tile.sums + m * tile.stride;
        uint32_t* row = sums + static_cast<size_t>(tile.pixel + m) * columns + tile.channel;
        for (int32_t c = 0; c < tile.channels; ++c)
          row[c] = static_cast<uint32_t>(from[c]) - inner * static_cast<uint32_t>(weights[c]);
      }
    };
    product.run(x, &kZero, INT64_MAX, io.scratch[bands], pool, kernels::emit_to(emit));
    return sums;
  };
  const uint32_t* input = sums_of(fast_->input, io.in<int8_t>(0), fast_->bands, io.pool, fast_->sums);
  auto* states = io.state<int8_t>(inputs_.output_state);
  for (int32_t t = 0; t < sequence_.time; ++t) {
    const uint32_t* state_sums = sums_of(fast_->recurrent, states, fast_->state_bands, nullptr, fast_->state_sums);
    for (int32_t b = 0; b < sequence_.batch; ++b) {
      const auto row = static_cast<size_t>(sequence_.row(t, b));
      int8_t* own = states + int64_t{b} * lstm_.output_size;
      step_fast(input + row * columns, state_sums + static_cast<size_t>(b) * columns, own,
                io.state<int16_t>(inputs_.cell_state) + int64_t{b} * lstm_.cell_size, first_cell(b),
                reinterpret_cast<int16_t*>(io.scratch[gates_]), reinterpret_cast<int8_t*>(io.scratch[hidden_]));
      std::copy_n(own, lstm_.output_size, io.out<int8_t>(0) + row * static_cast<size_t>(lstm_.output_size));
    }
  }
}

Result<void> LstmCellI8::operator()(const Io& io) {
  bind(io);
  if (fast_ != nullptr) return run_fast(io), Result<void>{};
  auto* gates = reinterpret_cast<int16_t*>(io.scratch[gates_]);
  auto* hidden = reinterpret_cast<int8_t*>(io.scratch[hidden_]);
  for (int32_t b = 0; b < sequence_.batch; ++b) {
    for (int32_t t = 0; t < sequence_.time; ++t) {
      const int64_t row = sequence_.row(t, b);
      tulle_ref_lstm_step_i8(&lstm_, io.in<int8_t>(0) + row * lstm_.input_size,
                             io.state<int8_t>(inputs_.output_state) + int64_t{b} * lstm_.output_size,
                             io.state<int16_t>(inputs_.cell_state) + int64_t{b} * lstm_.cell_size, first_cell(b),
                             io.out<int8_t>(0) + row * lstm_.output_size, gates, hidden);
    }
  }
  return {};
}

}  // namespace tulle::ops
