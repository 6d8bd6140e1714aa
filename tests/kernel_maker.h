// Maker: random small models with inputs for them, for comparing kernels with the plain loops.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace tulle {

/// The same numbers on every machine (SplitMix64).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t x = state_ += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }
  /// low…high, both among them.
  int64_t within(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(next() % static_cast<uint64_t>(high - low + 1));
  }
  int32_t size(int32_t low, int32_t high) { return static_cast<int32_t>(within(low, high)); }
  bool one_in(int n) { return within(1, n) == 1; }
  double real(double low, double high) { return low + (high - low) * static_cast<double>(next() >> 11) * 0x1p-53; }
  template <class T>
  T pick(std::initializer_list<T> from) {
    return from.begin()[within(0, static_cast<int64_t>(from.size()) - 1)];
  }

 private:
  uint64_t state_;
};

/// What the elements of a tensor are drawn from.
enum class Fill { kAny, kEnds, kLow, kHigh, kFew };

inline int64_t lowest(DType type) {
  switch (type) {
    case DType::kInt2: return -2;
    case DType::kInt4: return -8;
    case DType::kInt8: return INT8_MIN;
    case DType::kInt16: return INT16_MIN;
    case DType::kInt32: return INT32_MIN;
    case DType::kInt64: return -(INT64_C(1) << 40);  // biases of 16-bit activations have no more bits
    default: return 0;
  }
}
inline int64_t highest(DType type) {
  switch (type) {
    case DType::kUint8: return UINT8_MAX;
    case DType::kInt32: return INT32_MAX;
    default: return -lowest(type) - 1;
  }
}

/// The bytes of integers of a type; those below eight bits are packed, low bits first.
inline std::vector<std::byte> bytes_of(DType type, const std::vector<int64_t>& codes) {
  std::vector<std::byte> bytes(static_cast<size_t>(byte_size(type, static_cast<int64_t>(codes.size()))));
  const auto width = static_cast<size_t>(bits(type));
  for (size_t i = 0; i < codes.size(); ++i) {
    if (width >= 8)
      std::memcpy(bytes.data() + i * width / 8, &codes[i], width / 8);
    else
      bytes[i * width / 8] |= static_cast<std::byte>((codes[i] & ((1 << width) - 1)) << (i * width % 8));
  }
  return bytes;
}
inline std::vector<std::byte> bytes_of(const std::vector<float>& reals) {
  const auto bytes = std::as_bytes(std::span(reals));
  return {bytes.begin(), bytes.end()};
}

/// Shapes and contents of a model's inputs.
struct Feed {
  std::vector<Shape> shapes;
  std::vector<std::vector<std::byte>> bytes;
};

/// Codes about their zero point, as what adds them up needs to know.
struct Spread {
  double mean = 0, deviation = 0;
};

class Maker {
 public:
  explicit Maker(uint64_t seed) : rng(seed) {
    buffers.emplace_back();
    graph.name = "main";
  }

  Random rng;
  Graph graph;
  std::vector<Buffer> buffers;
  bool exact = false;    ///< reals must equal the reference's, too
  double magnitude = 0;  ///< of real outputs for inputs in -1…1: what cancels out may leave much less
  int resizable = -1;    ///< the input whose dimensions but the last may be changed, if any
  bool finite = false;   ///< no infinities among reals: what overflows hangs on the order of additions
  bool fixed = false;    ///< weights are always constants
  bool extreme = false;  ///< elements are the ends of their types
  std::vector<Fill> fills;

  Value& operator[](int index) { return graph.values[static_cast<size_t>(index)]; }
  const Shape& shape(int index) { return (*this)[index].shape; }
  DType dtype(int index) { return (*this)[index].dtype; }

  int add(std::string name, DType type, const Shape& shape) {
    Value value;
    value.name = std::move(name);
    value.dtype = type;
    value.shape = shape;
    value.has_rank = true;
    graph.values.push_back(std::move(value));
    return static_cast<int>(graph.values.size()) - 1;
  }
  /// Contents come from `fill`, at each run anew.
  int input(std::string name, DType type, const Shape& shape, Fill fill) {
    graph.inputs.push_back(add(std::move(name), type, shape));
    fills.push_back(fill);
    return graph.inputs.back();
  }
  int constant(std::string name, DType type, const Shape& shape, const std::vector<std::byte>& bytes) {
    const int index = add(std::move(name), type, shape);
    (*this)[index].buffer = static_cast<uint32_t>(buffers.size());
    buffers.push_back(Buffer::copy(bytes));
    return index;
  }
  int integers(std::string name, const std::vector<int64_t>& list) {
    return constant(std::move(name), DType::kInt32, {static_cast<int32_t>(list.size())}, bytes_of(DType::kInt32, list));
  }
  void quantise(int index, std::vector<float> scales, int64_t zero_point, int axis = 0) {
    auto made = std::make_shared<Quantization>();
    made->zero_point.assign(scales.size(), zero_point);
    made->scale = std::move(scales);
    made->axis = axis;
    (*this)[index].quantization = std::move(made);
  }
  float scale(int index) { return (*this)[index].quantization->scale[0]; }
  int64_t zero_point(int index) {
    const auto& q = (*this)[index].quantization;
    return q == nullptr ? 0 : q->zero_point[0];
  }

  /// Adds a node that computes `output`.
  void node(std::string_view op, std::string_view table, std::vector<std::pair<std::string, Attribute>> attributes,
            std::vector<int32_t> inputs, int output) {
    Node made;
    made.op = parse_builtin(op).value_or(-1);
    made.attributes = {std::string(table), std::move(attributes)};
    made.inputs = std::move(inputs);
    made.outputs = {output};
    graph.nodes.push_back(std::move(made));
    graph.outputs = {output};
  }

  Fill any_fill() {
    if (extreme) return rng.one_in(5) ? rng.pick({Fill::kLow, Fill::kHigh}) : Fill::kEnds;
    return rng.one_in(3) ? rng.pick({Fill::kEnds, Fill::kLow, Fill::kHigh, Fill::kFew}) : Fill::kAny;
  }
  Symbol activation() { return {rng.pick<const char*>({"NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1"})}; }
  Symbol padding() { return {rng.pick<const char*>({"SAME", "VALID"})}; }
  /// A zero point that an operand of this type may have: both ends and the middle often.
  int64_t any_zero_point(DType type) {
    const int64_t low = lowest(type), high = highest(type);
    return type == DType::kInt16 ? 0 : rng.pick({low, high, (low + high + 1) / 2, rng.within(low, high)});
  }
  float any_scale() {
    return rng.one_in(3) ? std::ldexp(1.0f, rng.size(-9, 1)) : static_cast<float>(std::exp(rng.real(-6, 1)));
  }

  std::vector<int64_t> codes(DType type, int64_t count, Fill fill, int64_t zero_point) {
    const int64_t low = lowest(type), high = highest(type), few = rng.within(low, high);
    std::vector<int64_t> made(static_cast<size_t>(count));
    for (int64_t& code : made) switch (fill) {
        case Fill::kAny: code = rng.within(low, high); break;
        case Fill::kEnds: code = rng.one_in(2) ? low : high; break;
        case Fill::kLow: code = low; break;
        case Fill::kHigh: code = high; break;
        case Fill::kFew: code = rng.one_in(4) ? few : zero_point; break;
      }
    return made;
  }
  /// kEnds reaches over many powers of two; kFew has zeros, infinities and what is no number.
  std::vector<float> reals(int64_t count, Fill fill) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    std::vector<float> made(static_cast<size_t>(count));
    for (float& x : made) {
      const auto any = static_cast<float>(rng.real(-1, 1));
      switch (fill) {
        case Fill::kAny: x = any; break;
        case Fill::kEnds: x = std::ldexp(any, rng.size(-30, 8)); break;
        case Fill::kLow: x = -1; break;
        case Fill::kHigh: x = 1; break;
        case Fill::kFew:
          x = finite || !rng.one_in(8) ? any : rng.pick({0.0f, -0.0f, kInfinity, -kInfinity, NAN, 1e-40f});
          break;
      }
    }
    return made;
  }
  std::vector<std::byte> contents(int index, const Shape& shape, Fill fill) {
    if (dtype(index) == DType::kFloat32) return bytes_of(reals(shape.elements(), fill));
    return bytes_of(dtype(index), codes(dtype(index), shape.elements(), fill, zero_point(index)));
  }
  Spread spread(DType type, Fill fill, int64_t zero_point) {
    const auto low = static_cast<double>(lowest(type) - zero_point),
               high = static_cast<double>(highest(type) - zero_point);
    switch (fill) {
      case Fill::kEnds: return {(low + high) / 2, (high - low) / 2};
      case Fill::kLow: return {low, 0};
      case Fill::kHigh: return {high, 0};
      default: return {(low + high) / 2, (high - low) / std::sqrt(12.0)};
    }
  }

  /// Two runs with the shapes of the model, and sometimes one with others.
  std::vector<Feed> feeds() {
    std::vector<Feed> made;
    const int count = resizable >= 0 && rng.one_in(3) ? 3 : 2;
    for (int run = 0; run < count; ++run) {
      Feed feed;
      for (size_t i = 0; i < graph.inputs.size(); ++i) {
        Shape dims = shape(graph.inputs[i]);
        if (run == 2 && static_cast<int>(i) == resizable)
          for (int d = 0; d + 1 < dims.rank(); ++d) dims[d] = std::max(1, dims[d] + rng.size(-2, 3));
        feed.shapes.push_back(dims);
        feed.bytes.push_back(contents(graph.inputs[i], dims, run == 1 ? any_fill() : fills[i]));
      }
      made.push_back(std::move(feed));
    }
    return made;
  }

  std::shared_ptr<const Model> model() {
    Model made;
    made.graphs.push_back(graph);
    made.buffers = buffers;
    return std::make_shared<const Model>(std::move(made));
  }
};

}  // namespace tulle
