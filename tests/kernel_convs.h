// Draws of convolutions and products by weights, in every arithmetic that they have.
#pragma once

#include <utility>

#include "kernel_maker.h"

namespace tulle {

/// What is multiplied, and into what.
struct Types {
  DType x, w, y;
  DType bias = DType::kInt32;
  bool per_channel = false;
};

inline DType weights_of_8_or_4(Maker& m) { return m.rng.one_in(4) ? DType::kInt4 : DType::kInt8; }
inline Types reals(Maker&) { return {DType::kFloat32, DType::kFloat32, DType::kFloat32, DType::kFloat32}; }
inline Types hybrid(Maker& m) {
  return {DType::kFloat32, weights_of_8_or_4(m), DType::kFloat32, DType::kFloat32, m.rng.one_in(2)};
}
inline Types codes_i8(Maker& m) {
  return {DType::kInt8, weights_of_8_or_4(m), DType::kInt8, DType::kInt32, m.rng.one_in(2)};
}
inline Types codes_u8(Maker&) { return {DType::kUint8, DType::kUint8, DType::kUint8}; }
inline Types codes_i16(Maker& m) {
  return {DType::kInt16, weights_of_8_or_4(m), DType::kInt16, m.rng.pick({DType::kInt32, DType::kInt64}),
          m.rng.one_in(2)};
}

/// The factor from a channel's sums to codes: such that codes take all their range, or hard to round.
inline double draw_factor(Maker& m, DType y, int how, double reach) {
  const double codes = y == DType::kInt16 ? 30000 : 110;
  switch (how) {
    case 0: return std::exp2(std::round(std::log2(codes / reach)));
    case 1: return m.rng.pick({1.0, 0.5, 2.0, 0.25}) * (1 + static_cast<double>(m.rng.within(-3, 3)) * 0x1p-24);
    case 2: return std::exp2(-m.rng.real(12, 45));
    case 3: return m.rng.real(0.25, 60);
    default: return codes / reach;
  }
}

/// Weights, bias and output of a node that adds up `depth` products for each of `channels`, which stand along `axis`
/// of the filter. Returns {filter, bias or -1, output}.
struct Operands {
  int w, bias, y;
};
inline Operands draw_operands(Maker& m, const Types& types, int x, const Shape& filter, int axis, const Shape& out,
                              bool any_w_zero = false) {
  Random& rng = m.rng;
  const int32_t channels = filter[axis];
  const auto depth = static_cast<double>(filter.elements() / channels);
  const bool fixed = !rng.one_in(10) || m.fixed, with_bias = !rng.one_in(3);
  const Fill fill = m.any_fill();
  const auto add_bias = [&](std::vector<std::byte> bytes) {
    if (!with_bias) return -1;
    return fixed ? m.constant("bias", types.bias, {channels}, bytes)
                 : m.input("bias", types.bias, {channels}, Fill::kAny);
  };
  if (types.w == DType::kFloat32) {
    const std::vector<float> weights = m.reals(filter.elements(), fill == Fill::kFew ? Fill::kAny : fill);
    m.magnitude = std::max(m.magnitude, 1.0) * std::sqrt(depth);
    if (fixed) m.magnitude *= std::abs(std::ranges::max(weights, {}, [](float w) { return std::abs(w); }));
    const int w = fixed ? m.constant("w", types.w, filter, bytes_of(weights)) : m.input("w", types.w, filter, fill);
    const int bias = add_bias(bytes_of(m.reals(channels, Fill::kAny)));
    return {w, bias, m.add("y", types.y, out)};
  }
  const int64_t w_zero =
      types.w == DType::kUint8 || (any_w_zero && !types.per_channel && rng.one_in(3)) ? m.any_zero_point(types.w) : 0;
  const std::vector<int64_t> codes = m.codes(types.w, filter.elements(), fill, w_zero);
  const int w =
      fixed ? m.constant("w", types.w, filter, bytes_of(types.w, codes)) : m.input("w", types.w, filter, fill);
  if (types.x == DType::kFloat32) {
    m.exact = true;
    std::vector<float> scales(types.per_channel ? static_cast<size_t>(channels) : 1);
    for (float& scale : scales) scale = m.any_scale();
    m.quantise(w, scales, 0, axis);
    const int bias = add_bias(bytes_of(m.reals(channels, Fill::kAny)));
    return {w, bias, m.add("y", types.y, out)};
  }

  // The sums of each channel, as far as its weights tell.
  const auto given = std::ranges::find(m.graph.inputs, x);
  const Spread from = m.spread(
      types.x,
      given == m.graph.inputs.end() ? Fill::kAny : m.fills[static_cast<size_t>(given - m.graph.inputs.begin())],
      m.zero_point(x));
  std::vector<double> mean(static_cast<size_t>(channels)), square(static_cast<size_t>(channels));
  const int64_t inner = filter.elements(axis + 1, filter.rank());
  for (size_t i = 0; i < codes.size(); ++i) {
    const auto c = static_cast<size_t>(static_cast<int64_t>(i) / inner % channels);
    const auto weight = static_cast<double>(codes[i] - w_zero);
    mean[c] += weight * from.mean;
    square[c] += weight * weight * from.deviation * from.deviation;
  }
  const int bias_kind = rng.size(0, 4);
  std::vector<int64_t> biases(static_cast<size_t>(channels));
  for (size_t c = 0; c < biases.size(); ++c) switch (bias_kind) {
      case 0: biases[c] = INT32_MAX - rng.within(0, 1 << 20); break;
      case 1: biases[c] = rng.within(INT32_MIN, INT32_MAX) >> rng.within(0, 30); break;
      default:
        biases[c] =
            std::clamp<int64_t>(std::llround(-mean[c] + rng.real(-1, 1) * std::sqrt(square[c])), INT32_MIN, INT32_MAX);
    }
  if (bias_kind == 0 && rng.one_in(2))
    for (int64_t& bias : biases) bias = -bias - 1;
  const int how = rng.size(0, 9);
  const bool mixed = types.per_channel && rng.one_in(3);
  std::vector<double> factors;
  for (size_t c = 0; c < (types.per_channel ? biases.size() : 1); ++c) {
    const double middle = with_bias && bias_kind >= 2 ? 0 : std::abs(mean[c]);
    factors.push_back(
        draw_factor(m, types.y, mixed ? rng.size(0, 9) : how, std::max(middle + 2 * std::sqrt(square[c]), 2.0)));
  }
  // Powers of two leave the factor as it was drawn.
  const bool powers = how < 4;
  const float y_scale = powers ? std::ldexp(1.0f, rng.size(-8, 0)) : m.any_scale();
  std::vector<float> scales;
  for (const double factor : factors) scales.push_back(static_cast<float>(factor * y_scale / m.scale(x)));
  m.quantise(w, scales, w_zero, axis);
  const int bias = add_bias(bytes_of(types.bias, biases));
  const int y = m.add("y", types.y, out);
  m.quantise(y, {y_scale}, m.any_zero_point(types.y));
  return {w, bias, y};
}

/// An activation: an input of this shape.
inline int draw_input(Maker& m, DType type, const Shape& shape) {
  const int x = m.input("x", type, shape, m.any_fill());
  if (type != DType::kFloat32) m.quantise(x, {m.any_scale()}, m.any_zero_point(type));
  m.resizable = static_cast<int>(m.graph.inputs.size()) - 1;
  return x;
}

struct Window {
  int32_t taps_h, taps_w, stride_h, stride_w, dilation_h, dilation_w;
  Symbol padding;
  int32_t out(int32_t size, int32_t taps, int32_t stride, int32_t dilation) const {
    const int32_t reach = padding.name == "VALID" ? (taps - 1) * dilation + 1 : 1;
    return std::max((size + stride - reach) / stride, 0);
  }
};
inline Window draw_window(Maker& m) {
  const auto [h, w] = m.rng.pick<std::pair<int, int>>({{1, 1}, {1, 1}, {3, 3}, {3, 3}, {5, 5}, {1, 7}, {2, 3}, {3, 1}});
  const bool steps = m.rng.one_in(3), gaps = m.rng.one_in(4);
  const auto some = [&](bool on) { return on ? m.rng.size(1, 3) : 1; };
  return {h, w, some(steps), some(steps), some(gaps), some(gaps), m.padding()};
}
/// The window, without VALID where it would not fit into the image.
inline Window fitted(Window window, const Shape& image) {
  const bool fits =
      (window.taps_h - 1) * window.dilation_h < image[1] && (window.taps_w - 1) * window.dilation_w < image[2];
  if (!fits) window.padding.name = "SAME";
  return window;
}
/// Height and width of an image; large ones are cut into several bands.
inline int32_t draw_side(Maker& m) { return m.rng.one_in(12) ? m.rng.size(20, 40) : m.rng.size(1, 11); }
inline int32_t draw_batch(Maker& m) { return m.rng.one_in(50) ? 0 : m.rng.size(1, 3); }
inline int32_t draw_channels(Maker& m) {
  return m.rng.one_in(3) ? m.rng.pick({1, 3, 4, 8, 16, 32, 48, 64}) : m.rng.size(1, 70);
}

inline std::vector<std::pair<std::string, Attribute>> conv_attributes(Maker& m, const Window& window) {
  return {{"padding", window.padding},
          {"stride_w", int64_t{window.stride_w}},
          {"stride_h", int64_t{window.stride_h}},
          {"fused_activation_function", m.activation()},
          {"dilation_w_factor", int64_t{window.dilation_w}},
          {"dilation_h_factor", int64_t{window.dilation_h}}};
}

/// CONV_2D of x, or of an input of its own where x is -1. Returns the output.
inline int draw_conv_2d(Maker& m, const Types& types, int x = -1) {
  int32_t groups = x >= 0 ? 1 : m.rng.pick({1, 1, 1, 1, 2, 2, 3, 0});
  int32_t depth = draw_channels(m);
  if (groups == 0) groups = std::exchange(depth, 1);  // every channel by itself
  if (groups > 1 && depth * groups > 70) depth = 70 / groups;
  if (x < 0) x = draw_input(m, types.x, {draw_batch(m), draw_side(m), draw_side(m), depth * groups});
  const Shape in = m.shape(x);
  const Window window = fitted(draw_window(m), in);
  const int32_t share = groups > 3 ? m.rng.size(1, 2) : std::max(draw_channels(m) / groups, 1);
  const Shape filter = {share * groups, window.taps_h, window.taps_w, in[3] / groups};
  const Shape out = {in[0], window.out(in[1], window.taps_h, window.stride_h, window.dilation_h),
                     window.out(in[2], window.taps_w, window.stride_w, window.dilation_w), filter[0]};
  const Operands operands = draw_operands(m, types, x, filter, 0, out);
  m.node("CONV_2D", "Conv2DOptions", conv_attributes(m, window), {x, operands.w, operands.bias}, operands.y);
  return operands.y;
}

/// A CONV_2D of reals that is done in squares: 3x3 taps, many channels, pictures that squares of four don't divide.
inline int draw_squares(Maker& m) {
  m.finite = true;
  const auto channels = [&] { return m.rng.one_in(3) ? m.rng.pick({32, 48, 64}) : m.rng.size(32, 70); };
  const int x = draw_input(m, DType::kFloat32, {m.rng.size(1, 2), m.rng.size(11, 23), m.rng.size(11, 23), channels()});
  const Shape in = m.shape(x);
  const Window window{3, 3, 1, 1, 1, 1, m.padding()};
  const Shape filter = {channels(), 3, 3, in[3]};
  const Shape out = {in[0], window.out(in[1], 3, 1, 1), window.out(in[2], 3, 1, 1), filter[0]};
  const Operands operands = draw_operands(m, reals(m), x, filter, 0, out);
  m.magnitude *= 2;  // the transforms add up numbers of twice the sums' size
  m.node("CONV_2D", "Conv2DOptions", conv_attributes(m, window), {x, operands.w, operands.bias}, operands.y);
  return operands.y;
}

/// The same of codes, with many output channels and an even number of input channels.
inline int draw_code_squares(Maker& m, const Types& types) {
  const int32_t depth = 2 * (m.rng.one_in(8) ? m.rng.size(50, 130) : m.rng.size(8, 35));
  const int x = draw_input(m, types.x, {m.rng.size(1, 2), m.rng.size(7, 23), m.rng.size(7, 23), depth});
  const Shape in = m.shape(x);
  const Window window{3, 3, 1, 1, 1, 1, m.padding()};
  const Shape filter = {m.rng.size(16, 70), 3, 3, depth};
  const Shape out = {in[0], window.out(in[1], 3, 1, 1), window.out(in[2], 3, 1, 1), filter[0]};
  const Operands operands = draw_operands(m, types, x, filter, 0, out);
  m.node("CONV_2D", "Conv2DOptions", conv_attributes(m, window), {x, operands.w, operands.bias}, operands.y);
  return operands.y;
}

inline int draw_depthwise(Maker& m, const Types& types, int x = -1) {
  if (x < 0) x = draw_input(m, types.x, {draw_batch(m), draw_side(m), draw_side(m), draw_channels(m)});
  const Shape in = m.shape(x);
  const Window window = fitted(draw_window(m), in);
  const int32_t each = m.rng.one_in(3) ? m.rng.size(2, 4) : 1;
  const Shape filter = {1, window.taps_h, window.taps_w, in[3] * each};
  const Shape out = {in[0], window.out(in[1], window.taps_h, window.stride_h, window.dilation_h),
                     window.out(in[2], window.taps_w, window.stride_w, window.dilation_w), filter[3]};
  const Operands operands = draw_operands(m, types, x, filter, 3, out);
  auto attributes = conv_attributes(m, window);
  attributes.emplace_back("depth_multiplier", int64_t{each});
  m.node("DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions", attributes, {x, operands.w, operands.bias}, operands.y);
  return operands.y;
}

inline int draw_fully_connected(Maker& m, Types types) {
  if (types.w == DType::kInt4 && m.rng.one_in(2)) types.w = DType::kInt2;
  if (types.x == DType::kInt16 && m.rng.one_in(4)) types.w = DType::kInt16;
  if (types.x == DType::kUint8 && m.rng.one_in(4)) types.y = DType::kInt16;
  // 8-bit products of the largest depth may add up to more than 32 bits.
  const int32_t depth = m.rng.one_in(40)                ? m.rng.size(33000, 40000)
                        : m.rng.one_in(10) || m.extreme ? m.rng.size(1000, 3000)
                                                        : m.rng.size(1, 300);
  const int32_t rows = m.rng.size(1, depth > 999 ? 4 : 20), units = m.rng.size(1, depth > 3000 ? 9 : 70);
  const bool keep = m.rng.one_in(2);
  const int x = draw_input(m, types.x, keep && rows % 2 == 0 ? Shape{2, rows / 2, depth} : Shape{rows, depth});
  const Shape out = keep && rows % 2 == 0 ? Shape{2, rows / 2, units} : Shape{rows, units};
  const Operands operands = draw_operands(m, types, x, {units, depth}, 0, out, types.w == DType::kInt8);
  m.node("FULLY_CONNECTED", "FullyConnectedOptions",
         {{"fused_activation_function", m.activation()},
          {"weights_format", Symbol{"DEFAULT"}},
          {"keep_num_dims", keep},
          {"asymmetric_quantize_inputs", m.rng.one_in(2)}},
         {x, operands.w, operands.bias}, operands.y);
  return operands.y;
}

inline int draw_transpose_conv(Maker& m, Types types) {
  if (types.w == DType::kInt4) types.w = DType::kInt8;
  const Window window = draw_window(m);
  const int x = draw_input(m, types.x, {m.rng.size(1, 3), m.rng.size(1, 9), m.rng.size(1, 9), draw_channels(m)});
  m.resizable = -1;
  const Shape in = m.shape(x);
  const Shape filter = {draw_channels(m), window.taps_h, window.taps_w, in[3]};
  const auto side = [&](int32_t size, int32_t taps, int32_t stride) {
    const int32_t least = (size - 1) * stride + (window.padding.name == "VALID" ? taps : 1);
    return least + m.rng.size(0, stride - 1);
  };
  const Shape out = {in[0], side(in[1], window.taps_h, window.stride_h), side(in[2], window.taps_w, window.stride_w),
                     filter[0]};
  const int size = m.integers("size", {out.begin(), out.end()});
  const Operands operands = draw_operands(m, types, x, filter, 0, out);
  m.node("TRANSPOSE_CONV", "TransposeConvOptions",
         {{"padding", window.padding},
          {"stride_w", int64_t{window.stride_w}},
          {"stride_h", int64_t{window.stride_h}},
          {"fused_activation_function", m.activation()}},
         {size, operands.w, x, operands.bias}, operands.y);
  return operands.y;
}

/// Two or three convolutions in turn, whose scratch and activations share memory.
inline void draw_chain(Maker& m) {
  m.finite = true;
  const Types types = m.rng.pick({reals, hybrid, codes_i8, codes_u8})(m);
  const bool codes_meet_reals = types.x == DType::kFloat32 && types.w != DType::kFloat32;
  m.fixed = codes_meet_reals;
  const auto next = [&] { return codes_meet_reals && m.rng.one_in(3) ? reals(m) : types; };
  int x = m.rng.one_in(2) ? draw_conv_2d(m, next()) : draw_depthwise(m, next());
  for (int left = m.rng.size(1, 2); left > 0 && m.shape(x).elements() > 0 && m.shape(x)[3] <= 70; --left)
    x = m.rng.one_in(2) ? draw_conv_2d(m, next(), x) : draw_depthwise(m, next(), x);
}

}  // namespace tulle
