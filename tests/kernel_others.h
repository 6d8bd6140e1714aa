// Draws of the operators around convolutions: element by element, pools, reductions, moves.
#pragma once

#include "kernel_convs.h"

namespace tulle {

inline Shape draw_shape(Maker& m, int rank) {
  Shape shape;
  for (int i = 0; i < rank; ++i) shape.push_back(i + 1 < rank ? m.rng.size(1, rank > 3 ? 5 : 9) : draw_channels(m));
  if (m.rng.one_in(20)) shape[rank - 1] = m.rng.size(300, 1500);
  return shape;
}
/// Sometimes with so many rows that threads share them.
inline Shape draw_many(Maker& m, int rank) {
  Shape shape = draw_shape(m, rank);
  if (m.rng.one_in(6)) shape[0] = static_cast<int32_t>(m.rng.size(33000, 50000) / (shape.elements() / shape[0]) + 1);
  return shape;
}
inline DType real_or_code(Maker& m) { return m.rng.pick({DType::kFloat32, DType::kInt8, DType::kUint8}); }

/// An output of this type and shape; codes with a scale near to that of x where `near`.
inline int draw_output(Maker& m, DType type, const Shape& shape, double scale = 0) {
  const int y = m.add("y", type, shape);
  if (type == DType::kFloat32) return y;
  m.quantise(y, {scale > 0 ? static_cast<float>(scale * m.rng.pick({1.0, 0.5, m.rng.real(0.3, 3)})) : m.any_scale()},
             m.any_zero_point(type));
  return y;
}
/// The same quantisation as x has.
inline int like(Maker& m, int x, const Shape& shape) {
  const int y = m.add("y", m.dtype(x), shape);
  m[y].quantization = m[x].quantization;
  return y;
}
inline int draw_any_input(Maker& m, DType type, const Shape& shape) {
  const int x = draw_input(m, type, shape);
  m.resizable = -1;
  return x;
}

inline void draw_binary(Maker& m, const char* op, const char* table, DType type, bool bounded = true) {
  m.exact = true;
  const Shape out = draw_shape(m, m.rng.size(1, 5));
  Shape left = out, right = out;
  for (int d = 0; d < out.rank(); ++d)
    if (m.rng.one_in(5)) (m.rng.one_in(2) ? left : right)[d] = 1;
  if (m.rng.one_in(4)) {
    right = {};
    for (int d = m.rng.size(0, out.rank()); d < out.rank(); ++d) right.push_back(out[d]);
  }
  const int a = draw_any_input(m, type, left);
  const bool fixed = m.rng.one_in(3);
  const int b = fixed ? m.constant("b", type, right, {}) : draw_any_input(m, type, right);
  if (fixed) {
    if (type != DType::kFloat32) m.quantise(b, {m.any_scale()}, m.any_zero_point(type));
    m.buffers.back() = Buffer::copy(m.contents(b, right, m.any_fill()));
  }
  Shape joined = out;
  for (int d = 0; d < out.rank(); ++d) {
    const int at = d - (out.rank() - right.rank());
    joined[d] = std::max(left[d], at < 0 ? 1 : right[at]);
  }
  double scale = 0;
  if (type != DType::kFloat32) {
    const double x = m.scale(a), y = m.scale(b);
    scale = std::string_view(op) == "MUL" ? x * y * 100 : std::max(x, y) * 1.5;
  }
  const int y = draw_output(m, type, joined, scale);
  const bool swap = m.rng.one_in(2);
  std::vector<std::pair<std::string, Attribute>> attributes;
  if (bounded) attributes.emplace_back("fused_activation_function", m.activation());
  m.node(op, table, attributes, {swap ? b : a, swap ? a : b}, y);
}
inline void draw_add(Maker& m) { draw_binary(m, "ADD", "AddOptions", real_or_code(m)); }
inline void draw_sub(Maker& m) { draw_binary(m, "SUB", "SubOptions", real_or_code(m)); }
inline void draw_mul(Maker& m) { draw_binary(m, "MUL", "MulOptions", real_or_code(m)); }
inline void draw_squared_difference(Maker& m) {
  const DType type = m.rng.one_in(4) ? DType::kFloat32 : DType::kInt8;
  draw_binary(m, "SQUARED_DIFFERENCE", "SquaredDifferenceOptions", type, false);
}

inline void draw_pool(Maker& m, const char* op) {
  const DType type = m.rng.one_in(8) ? DType::kInt16 : real_or_code(m);
  m.magnitude = 1;
  m.exact = std::string_view(op) == "MAX_POOL_2D";
  const int x = draw_input(m, type, {m.rng.size(1, 3), draw_side(m), draw_side(m), draw_channels(m)});
  const Shape in = m.shape(x);
  Window window = fitted(draw_window(m), in);
  if (m.rng.one_in(4)) window.taps_h = in[1], window.taps_w = in[2];
  const int y = like(m, x,
                     {in[0], window.out(in[1], window.taps_h, window.stride_h, 1),
                      window.out(in[2], window.taps_w, window.stride_w, 1), in[3]});
  m.node(op, "Pool2DOptions",
         {{"padding", window.padding},
          {"stride_w", int64_t{window.stride_w}},
          {"stride_h", int64_t{window.stride_h}},
          {"filter_width", int64_t{window.taps_w}},
          {"filter_height", int64_t{window.taps_h}},
          {"fused_activation_function", m.activation()}},
         {x}, y);
}
inline void draw_average_pool(Maker& m) { draw_pool(m, "AVERAGE_POOL_2D"); }
inline void draw_max_pool(Maker& m) { draw_pool(m, "MAX_POOL_2D"); }

inline void draw_mean(Maker& m) {
  const DType type = real_or_code(m);
  m.magnitude = 1;
  const int rank = m.rng.size(2, 4);
  const int x = draw_any_input(m, type, draw_many(m, rank));
  std::vector<int64_t> axes;
  if (rank == 4 && m.rng.one_in(2)) {
    axes = {1, 2};
  } else {
    for (int d = 0; d < rank; ++d)
      if (m.rng.one_in(2)) axes.push_back(d);
  }
  const bool keep = m.rng.one_in(2);
  Shape out;
  for (int d = 0; d < rank; ++d) {
    if (std::ranges::find(axes, d) == axes.end())
      out.push_back(m.shape(x)[d]);
    else if (keep)
      out.push_back(1);
  }
  const int y = draw_output(m, type, out, type == DType::kFloat32 ? 0 : m.scale(x));
  m.node("MEAN", "ReducerOptions", {{"keep_dims", keep}}, {x, m.integers("axes", axes)}, y);
}

inline void draw_softmax(Maker& m) {
  const DType type = real_or_code(m);
  const int x = draw_input(m, type, draw_shape(m, m.rng.size(1, 4)));
  const int y = m.add("y", type, m.shape(x));
  if (type != DType::kFloat32) m.quantise(y, {1.0f / 256}, lowest(type));
  m.node("SOFTMAX", "SoftmaxOptions", {{"beta", m.rng.pick({1.0f, 1.0f, 0.5f, 2.5f})}}, {x}, y);
}

inline void draw_resize_bilinear(Maker& m) {
  const DType type = m.rng.one_in(8) ? DType::kInt16 : real_or_code(m);
  m.magnitude = 1;
  const int x = draw_input(m, type, {m.rng.size(1, 3), draw_side(m), draw_side(m), draw_channels(m)});
  const Shape in = m.shape(x);
  const bool twice = m.rng.one_in(3);
  const int32_t rows = twice ? 2 * in[1] : draw_side(m), columns = twice ? 2 * in[2] : draw_side(m);
  const int y = like(m, x, {in[0], rows, columns, in[3]});
  const int corners = m.rng.size(0, 2);
  m.node("RESIZE_BILINEAR", "ResizeBilinearOptions",
         {{"align_corners", corners == 1}, {"half_pixel_centers", corners == 2}},
         {x, m.integers("size", {rows, columns})}, y);
}

inline void draw_resize_nearest(Maker& m) {
  m.exact = true;
  const int x = draw_input(m, real_or_code(m), {m.rng.size(1, 3), draw_side(m), draw_side(m), draw_channels(m)});
  const Shape in = m.shape(x);
  const int32_t rows = m.rng.size(1, 60), columns = m.rng.size(1, 60);
  const int y = like(m, x, {in[0], rows, columns, in[3]});
  m.node("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions",
         {{"align_corners", m.rng.one_in(2)}, {"half_pixel_centers", m.rng.one_in(2)}},
         {x, m.integers("size", {rows, columns})}, y);
}

inline void draw_arg(Maker& m) {
  m.exact = true;
  const int rank = m.rng.size(1, 4), axis = m.rng.one_in(2) ? rank - 1 : m.rng.size(0, rank - 1);
  const int x = draw_any_input(m, m.rng.one_in(5) ? DType::kInt32 : real_or_code(m), draw_many(m, rank));
  Shape out;
  for (int d = 0; d < rank; ++d)
    if (d != axis) out.push_back(m.shape(x)[d]);
  const bool wide = m.rng.one_in(2), most = m.rng.one_in(2);
  const int y = m.add("y", wide ? DType::kInt64 : DType::kInt32, out);
  m.node(most ? "ARG_MAX" : "ARG_MIN", most ? "ArgMaxOptions" : "ArgMinOptions",
         {{"output_type", Symbol{wide ? "INT64" : "INT32"}}}, {x, m.integers("axis", {axis})}, y);
}

inline void draw_cast(Maker& m) {
  m.exact = true;
  const auto types = {DType::kFloat32, DType::kInt8, DType::kUint8, DType::kInt16, DType::kInt32};
  const int x = draw_any_input(m, m.rng.pick(types), draw_many(m, m.rng.size(1, 4)));
  m.node("CAST", "CastOptions", {}, {x}, m.add("y", m.rng.pick(types), m.shape(x)));
}

inline void draw_gather(Maker& m) {
  m.exact = true;
  const int rank = m.rng.size(1, 4), axis = m.rng.size(0, rank - 1);
  const int x = draw_any_input(m, real_or_code(m), draw_many(m, rank));
  Shape out = m.shape(x);
  std::vector<int64_t> picked(static_cast<size_t>(m.rng.size(1, 50)));
  for (int64_t& index : picked) index = m.rng.within(0, out[axis] - 1);
  out[axis] = static_cast<int32_t>(picked.size());
  m.node("GATHER", "GatherOptions", {{"axis", int64_t{axis}}, {"batch_dims", int64_t{0}}},
         {x, m.integers("indices", picked)}, like(m, x, out));
}

inline void draw_unary(Maker& m) {
  const DType type = real_or_code(m);
  m.magnitude = 1;
  const int x = draw_input(m, type, draw_shape(m, m.rng.size(1, 5)));
  const bool swish = m.rng.one_in(2);
  const int y = draw_output(m, type, m.shape(x), swish && type != DType::kFloat32 ? m.scale(x) : 1.0 / 256);
  m.node(swish ? "HARD_SWISH" : "LOGISTIC", "", {}, {x}, y);
}

inline void draw_quantize(Maker& m) {
  m.exact = true;
  const DType code = m.rng.pick({DType::kInt8, DType::kUint8, DType::kInt16});
  const int way = m.rng.size(0, 2);
  const DType other = way == 2 && code != DType::kInt16 ? m.rng.pick({DType::kInt8, DType::kUint8}) : code;
  const int x = draw_input(m, way == 0 ? DType::kFloat32 : code, draw_many(m, m.rng.size(1, 5)));
  const int y = draw_output(m, way == 1 ? DType::kFloat32 : other, m.shape(x), way == 2 ? m.scale(x) : 1.0 / 128);
  m.node(way == 1 ? "DEQUANTIZE" : "QUANTIZE", way == 1 ? "DequantizeOptions" : "QuantizeOptions", {}, {x}, y);
}

inline void draw_concatenation(Maker& m) {
  m.exact = true;
  const DType type = real_or_code(m);
  const int rank = m.rng.size(1, 4), axis = m.rng.size(0, rank - 1);
  Shape out = draw_many(m, rank);
  out[axis] = 0;
  std::vector<int32_t> parts;
  for (int left = m.rng.size(1, 5); left > 0; --left) {
    Shape part = out;
    part[axis] = m.rng.size(1, 40);
    out[axis] += part[axis];
    parts.push_back(draw_any_input(m, type, part));
    // uint8 parts may have scales of their own.
    if (type == DType::kInt8) m[parts.back()].quantization = m[parts[0]].quantization;
  }
  const int y = like(m, parts[0], out);
  m.node("CONCATENATION", "ConcatenationOptions",
         {{"axis", int64_t{axis}}, {"fused_activation_function", Symbol{"NONE"}}}, parts, y);
}

inline void draw_pad(Maker& m) {
  m.exact = true;
  const int rank = m.rng.size(1, 4);
  const int x = draw_any_input(m, real_or_code(m), draw_many(m, rank));
  Shape out = m.shape(x);
  std::vector<int64_t> sides;
  for (int i = 0; i < 2 * rank; ++i) {
    sides.push_back(m.rng.one_in(2) ? m.rng.size(0, 5) : 0);
    out[i / 2] += static_cast<int32_t>(sides.back());
  }
  const int paddings = m.integers("paddings", sides);
  m[paddings].shape = {rank, 2};
  const int y = like(m, x, out);
  m.node("PAD", "PadOptions", {}, {x, paddings}, y);
}

inline void draw_transpose(Maker& m) {
  m.exact = true;
  const int rank = m.rng.size(1, 5);
  const int x = draw_any_input(m, real_or_code(m), draw_many(m, rank));
  std::vector<int64_t> order;
  for (int i = 0; i < rank; ++i) order.insert(order.begin() + m.rng.within(0, i), i);
  Shape out;
  for (const int64_t d : order) out.push_back(m.shape(x)[static_cast<int>(d)]);
  const int y = like(m, x, out);
  m.node("TRANSPOSE", "TransposeOptions", {}, {x, m.integers("order", order)}, y);
}

inline void draw_batch_matmul(Maker& m) {
  const int kind = m.rng.size(0, 3);
  const DType left = kind < 2 ? DType::kFloat32 : kind == 2 ? DType::kInt8 : DType::kInt16;
  const DType right = kind == 0 ? DType::kFloat32 : m.rng.one_in(2) || kind < 3 ? DType::kInt8 : DType::kInt16;
  const int32_t rows = m.rng.size(1, 20), depth = m.rng.size(1, 80), columns = m.rng.size(1, 50);
  const bool flip_left = m.rng.one_in(3), flip_right = m.rng.one_in(3);
  m.magnitude = std::sqrt(depth);
  m.exact = kind == 1;
  Shape a, b, out;
  for (int d = m.rng.size(0, 2); d > 0; --d) {
    const int32_t size = m.rng.size(1, 4);
    a.push_back(m.rng.one_in(4) ? 1 : size);
    b.push_back(m.rng.one_in(4) ? 1 : size);
    out.push_back(std::max(a[a.rank() - 1], b[b.rank() - 1]));
  }
  a.push_back(flip_left ? depth : rows), a.push_back(flip_left ? rows : depth);
  b.push_back(flip_right ? columns : depth), b.push_back(flip_right ? depth : columns);
  out.push_back(rows), out.push_back(columns);
  const int x = draw_any_input(m, left, a);
  int w;
  if (m.rng.one_in(2)) {
    w = draw_any_input(m, right, b);
  } else {
    w = m.constant("w", right, b, {});
    if (right != DType::kFloat32) m.quantise(w, {m.any_scale()}, m.any_zero_point(right));
    m.buffers.back() = Buffer::copy(m.contents(w, b, m.rng.pick({Fill::kAny, Fill::kHigh})));
  }
  if (kind == 1) m.quantise(w, {m.any_scale()}, 0);
  const double scale = kind < 2 ? 0 : static_cast<double>(m.scale(x)) * m.scale(w) * std::sqrt(depth) * 60;
  const DType type = kind == 2 ? DType::kInt8 : left;
  const int y = draw_output(m, type, out, scale);
  m.node("BATCH_MATMUL", "BatchMatMulOptions",
         {{"adj_x", flip_left}, {"adj_y", flip_right}, {"asymmetric_quantize_inputs", m.rng.one_in(2)}}, {x, w}, y);
}

}  // namespace tulle
