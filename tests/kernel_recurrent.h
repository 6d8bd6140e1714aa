// Draws of layers that keep a state from run to run.
#pragma once

#include "kernel_others.h"

namespace tulle {

/// A state that starts as zeros.
inline int draw_state(Maker& m, std::string name, DType type, const Shape& shape) {
  const int state = m.add(std::move(name), type, shape);
  m[state].is_variable = true;
  return state;
}
/// Weights, quantised as a whole where they are codes. Products with reals stay small, so that what differs in the last
/// places does not grow from step to step.
inline int draw_weights(Maker& m, std::string name, DType type, const Shape& shape) {
  const int w = m.constant(std::move(name), type, shape, {});
  if (type == DType::kFloat32) {
    std::vector<float> reals = m.reals(shape.elements(), Fill::kAny);
    for (float& x : reals) x /= std::sqrt(static_cast<float>(shape[shape.rank() - 1]));
    m.buffers.back() = Buffer::copy(bytes_of(reals));
    return w;
  }
  m.quantise(w, {static_cast<float>(std::exp(m.rng.real(-9, -4)))}, 0);
  m.buffers.back() = Buffer::copy(m.contents(w, shape, m.rng.one_in(4) ? Fill::kEnds : Fill::kAny));
  return w;
}
/// Integers of some magnitude.
inline int draw_bias(Maker& m, std::string name, int32_t count, int64_t most) {
  std::vector<int64_t> list(static_cast<size_t>(count));
  for (int64_t& x : list) x = m.rng.within(-most, most);
  return m.integers(std::move(name), list);
}

/// The types of a layer: reals, reals with weights of codes, codes throughout.
inline void draw_lstm(Maker& m, DType x_type, DType w_type) {
  Random& rng = m.rng;
  m.finite = true;
  m.exact = w_type != DType::kFloat32;
  m.magnitude = 20;
  const bool codes = x_type == DType::kInt8, time_major = rng.one_in(2), coupled = rng.one_in(4);
  const int32_t time = rng.size(1, 6), batch = rng.size(1, 4), depth = draw_channels(m), cells = draw_channels(m);
  const bool projects = rng.one_in(4), peeps = rng.one_in(4);
  const int32_t units = projects && !(codes && peeps) ? draw_channels(m) : cells;
  const bool with_projection = projects && !(codes && peeps);
  const int x = draw_any_input(m, x_type, time_major ? Shape{time, batch, depth} : Shape{batch, time, depth});
  const auto gates = [&](std::vector<int32_t>& all, auto add) {
    for (int gate = 0; gate < 4; ++gate) all.push_back(gate == 0 && coupled ? kAbsent : add(gate));
  };
  std::vector<int32_t> inputs = {x};
  gates(inputs, [&](int) { return draw_weights(m, "w", w_type, {cells, depth}); });
  gates(inputs, [&](int) { return draw_weights(m, "r", w_type, {cells, units}); });
  for (int gate = 0; gate < 3; ++gate)
    inputs.push_back(peeps && !(gate == 0 && coupled) ? draw_weights(m, "p", codes ? DType::kInt16 : w_type, {cells})
                                                      : kAbsent);
  gates(inputs, [&](int) {
    return codes ? draw_bias(m, "b", cells, 1 << rng.size(0, 20)) : draw_weights(m, "b", DType::kFloat32, {cells});
  });
  inputs.push_back(with_projection ? draw_weights(m, "projection", w_type, {units, cells}) : kAbsent);
  inputs.push_back(kAbsent);
  const int hidden = draw_state(m, "hidden", x_type, {batch, units});
  const int state = draw_state(m, "cells", codes ? DType::kInt16 : DType::kFloat32, {batch, cells});
  inputs.push_back(hidden);
  inputs.push_back(state);
  const int y = m.add("y", x_type, time_major ? Shape{time, batch, units} : Shape{batch, time, units});
  if (codes) {
    m.quantise(hidden, {1.0f / 128}, m.any_zero_point(DType::kInt8));
    m.quantise(state, {std::ldexp(1.0f, -rng.size(9, 15))}, 0);
    m[y].quantization = m[hidden].quantization;
  }
  m.node("UNIDIRECTIONAL_SEQUENCE_LSTM", "UnidirectionalSequenceLSTMOptions",
         {{"fused_activation_function", Symbol{codes || !rng.one_in(4) ? "TANH" : "RELU6"}},
          {"cell_clip", rng.one_in(4) ? 0.75f : 0.0f},
          {"proj_clip", rng.one_in(4) ? 0.5f : 0.0f},
          {"time_major", time_major},
          {"asymmetric_quantize_inputs", rng.one_in(2)}},
         inputs, y);
  if (!codes) return;
  for (int i = 0; i < 5; ++i) {
    const int inner = m.add("inner", i < 4 ? DType::kInt16 : DType::kInt8, {});
    m.quantise(inner, {i < 4 ? 1.0f / 4096 : 1.0f / 128}, i < 4 ? 0 : m.zero_point(hidden));
    m.graph.nodes.back().intermediates.push_back(inner);
  }
}
inline void draw_lstm_f32(Maker& m) { draw_lstm(m, DType::kFloat32, DType::kFloat32); }
inline void draw_lstm_hybrid(Maker& m) { draw_lstm(m, DType::kFloat32, DType::kInt8); }
inline void draw_lstm_i8(Maker& m) { draw_lstm(m, DType::kInt8, DType::kInt8); }

/// A bare cell of reals.
inline void draw_lstm_basic(Maker& m) {
  m.finite = true;
  m.magnitude = 5;
  const int32_t batch = m.rng.size(1, 9), depth = draw_channels(m), units = draw_channels(m);
  const DType type = DType::kFloat32;
  const int x = draw_any_input(m, type, {batch, depth}), last = draw_any_input(m, type, {batch, units});
  const int w = draw_weights(m, "w", type, {4 * units, depth + units}), bias = draw_weights(m, "b", type, {4 * units});
  const int state = draw_any_input(m, type, {batch, units});
  const int y = m.add("y", type, {batch, units});
  m.node("LSTM", "LSTMOptions", {{"fused_activation_function", Symbol{"TANH"}}, {"kernel_type", Symbol{"BASIC"}}},
         {x, last, w, bias, state}, y);
  const int rest[] = {m.add("next", type, {batch, units}), m.add("joined", type, {batch, depth + units}),
                      m.add("gates", type, {batch, 4 * units})};
  for (const int output : rest) m.graph.nodes.back().outputs.push_back(output);
}

inline void draw_svdf(Maker& m) {
  Random& rng = m.rng;
  m.finite = true;
  m.magnitude = 20;
  const int kind = rng.size(0, 3);  // reals, weights of codes, int8 with states of int16 and of int8
  const DType x_type = kind < 2 ? DType::kFloat32 : DType::kInt8;
  const DType w_type = kind == 0 ? DType::kFloat32 : DType::kInt8;
  const DType state_type = kind < 2 ? DType::kFloat32 : kind == 2 ? DType::kInt16 : DType::kInt8;
  m.exact = kind > 0;
  const int32_t batch = rng.size(1, 4), depth = draw_channels(m), units = draw_channels(m), rank = rng.size(1, 3);
  const int32_t memory = rng.size(1, 20), filters = units * rank;
  const int x = draw_any_input(m, x_type, {batch, depth});
  const int features = draw_weights(m, "features", w_type, {filters, depth});
  const int time = draw_weights(m, "time", kind == 2 ? DType::kInt16 : w_type, {filters, memory});
  const int bias = rng.one_in(3) ? kAbsent
                   : kind < 2    ? draw_weights(m, "bias", DType::kFloat32, {units})
                                 : draw_bias(m, "bias", units, 1 << rng.size(0, 20));
  const int state = draw_state(m, "state", state_type, {batch, memory * filters});
  const int y = m.add("y", x_type, {batch, units});
  if (kind >= 2) {
    const float inner =
        m.scale(x) * m.scale(features) * std::sqrt(static_cast<float>(depth)) * (kind == 2 ? 1.0f : 100.0f);
    m.quantise(state, {inner}, kind == 2 ? 0 : m.any_zero_point(DType::kInt8));
    m.quantise(y, {inner * m.scale(time) * std::sqrt(static_cast<float>(memory)) * (kind == 2 ? 1e6f : 100.0f)},
               INT8_MIN);
  }
  m.node("SVDF", "SVDFOptions",
         {{"rank", int64_t{rank}},
          {"fused_activation_function", kind < 2 ? m.activation() : Symbol{"RELU"}},
          {"asymmetric_quantize_inputs", rng.one_in(2)}},
         {x, features, time, bias, state}, y);
}

}  // namespace tulle
