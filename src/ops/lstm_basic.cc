// The bare cell of LSTM.
#include "ops/lstm_basic.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "kernels/float_conv.h"
#include "ops/lstm_basic.ref.h"
#include "ops/recurrent.h"

namespace tulle::ops {
namespace {

enum { kInput, kLastActivation, kWeights, kBias, kLastState };
enum { kActivation, kState, kJoined, kGates };

template <class Activation, class State, class Bias>
auto cell(const Site& site, auto step) {
  return [batch = site.in(kInput).shape[0], size = site.in(kInput).shape[1], units = site.in(kLastState).shape[1],
          step](const Io& io) -> Result<void> {
    const int64_t joined_size = int64_t{size} + units;
    for (int64_t b = 0; b < batch; ++b) {
      Activation* joined = io.out<Activation>(kJoined) + b * joined_size;
      std::copy_n(io.in<Activation>(kInput) + b * size, size, joined);
      std::copy_n(io.in<Activation>(kLastActivation) + b * units, units, joined + size);
      step(joined, static_cast<int32_t>(joined_size), io.in<Activation>(kWeights), io.in<Bias>(kBias),
           io.in<State>(kLastState) + b * units, units, io.out<State>(kGates) + b * 4 * units,
           io.out<State>(kState) + b * units, io.out<Activation>(kActivation) + b * units);
    }
    return {};
  };
}

/// Reals by vector kernels, the products of all the batch at once; nothing where the plain loops have to do it.
Result<std::optional<Kernel>> fast_reals(Site& site) {
  const int32_t batch = site.in(kInput).shape[0], size = site.in(kInput).shape[1], units = site.in(kLastState).shape[1],
                joined = size + units;
  if (site.float_kernels() == nullptr || !site.constant(kWeights) || !site.constant(kBias) ||
      std::min(batch, units) == 0)
    return std::nullopt;
  const kernels::FloatConv product(*site.kernels, {.in_h = batch, .in_c = joined, .out_h = batch, .out_c = 4 * units},
                                   site.workers);
  TULLE_TRY(const std::byte* packed, site.keep(joined, product.packed_bytes(), [&](std::byte* to, ThreadPool* pool) {
    product.pack(site.in(kWeights).as<float>(), site.in(kBias).as<float>(), to, pool);
  }));
  const int bands = site.scratch(product.scratch_bytes());
  const int gates = site.scratch(4 * sizeof(float) * static_cast<uint64_t>(units));
  return [=, with = site.kernels](const Io& io) -> Result<void> {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    for (int64_t b = 0; b < batch; ++b) {
      float* row = io.out<float>(kJoined) + b * joined;
      std::copy_n(io.in<float>(kInput) + b * size, size, row);
      std::copy_n(io.in<float>(kLastActivation) + b * units, units, row + size);
    }
    product.run(io.out<float>(kJoined), packed, io.scratch[bands], io.pool,
                {-kInfinity, kInfinity, io.out<float>(kGates)});
    auto* in = reinterpret_cast<float*>(io.scratch[gates]);
    float *content = in + units, *forget = content + units, *out = forget + units;
    for (int64_t b = 0; b < batch; ++b) {
      const float* sums = io.out<float>(kGates) + b * 4 * units;
      const float* last = io.in<float>(kLastState) + b * units;
      float* state = io.out<float>(kState) + b * units;
      float* activation = io.out<float>(kActivation) + b * units;
      with->logistic(sums, in, units);
      with->tanh(sums + units, content, units);
      with->logistic(sums + 2 * units, forget, 2 * units);
      for (int32_t i = 0; i < units; ++i) state[i] = in[i] * content[i] + forget[i] * last[i];
      with->tanh(state, activation, units);
      for (int32_t i = 0; i < units; ++i) activation[i] *= out[i];
    }
    return {};
  };
}

}  // namespace

Result<void> lstm_basic_shape(Site& site) {
  for (int i : {kInput, kLastActivation, kLastState})
    if (site.in(i).shape.rank() != 2)
      return site.invalid("input {} has shape {}, expected rank 2", i, to_string(site.in(i).shape));
  const int32_t batch = site.in(kInput).shape[0], size = site.in(kInput).shape[1],
                units = site.in(kLastActivation).shape[1];
  const int64_t joined = int64_t{size} + units, gates = 4 * int64_t{units};
  if (std::max(joined, gates) > kMaxElements)
    return site.invalid("an input of {} and {} units are too many", size, units);
  const auto rows = static_cast<int32_t>(gates), cols = static_cast<int32_t>(joined);
  TULLE_CHECK(need_shape(site, kLastActivation, {batch, units}));
  TULLE_CHECK(need_shape(site, kWeights, {rows, cols}));
  TULLE_CHECK(need_shape(site, kBias, {rows}));
  TULLE_CHECK(need_shape(site, kLastState, {batch, units}));
  TULLE_CHECK(site.set_shape(kActivation, {batch, units}));
  TULLE_CHECK(site.set_shape(kState, {batch, units}));
  TULLE_CHECK(site.set_shape(kJoined, {batch, cols}));
  return site.set_shape(kGates, {batch, rows});
}

Result<Kernel> lstm_basic(Site& site) {
  if (site.in(kInput).dtype == DType::kFloat32) {
    TULLE_TRY(std::optional<Kernel> fast, fast_reals(site));
    if (fast.has_value()) return *std::move(fast);
    return cell<float, float, float>(site, tulle_ref_lstm_basic_f32);
  }
  for (int i : {kInput, kLastActivation, kWeights, kBias}) TULLE_CHECK(need_weight_scale(site, i));
  TULLE_CHECK(need_quantized(site, &site.out(kState), "output 1"));
  if (site.out(kState).scale() != std::ldexp(1.0f, -11))
    return site.unsupported("output 1 has scale {}, expected 2^-11", site.out(kState).scale());
  const float real = 4096 * site.in(kBias).scale();
  if (!std::isfinite(real)) return site.invalid("input 3 has scale {}", site.in(kBias).scale());
  return cell<uint8_t, int16_t, int32_t>(
      site, [factor = tulle_factor_from(real), zero_point = static_cast<int32_t>(site.in(kWeights).zero_point())](
                const uint8_t* joined, int32_t joined_size, const uint8_t* weights, const int32_t* bias,
                const int16_t* last_state, int32_t units, int16_t* gates, int16_t* state, uint8_t* activation) {
        tulle_ref_lstm_basic_u8(joined, joined_size, weights, zero_point, bias, factor, last_state, units, gates, state,
                                activation);
      });
}

}  // namespace tulle::ops
