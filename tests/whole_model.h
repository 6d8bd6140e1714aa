// A model with something other than the default in every field there is, for tests of what must keep them all.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "graph/graph.h"

namespace tulle {

inline Value value(std::string name, DType dtype, Shape shape, uint32_t buffer = 0) {
  Value value;
  value.name = std::move(name);
  value.dtype = dtype;
  value.shape = shape;
  value.buffer = buffer;
  return value;
}

inline Node node(int32_t op, std::vector<int32_t> inputs, std::vector<int32_t> outputs) {
  Node node;
  node.op = op;
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  return node;
}

inline Attributes every_attribute() {
  const float least = std::numeric_limits<float>::denorm_min(), most = std::numeric_limits<float>::max();
  Attributes all;
  all.table = "a table";
  all.entries = {
      {"yes", true},
      {"no", false},
      {"int", int64_t{5}},
      {"least", INT64_MIN},
      {"most", INT64_MAX},
      {"real", 0.1f},
      {"whole", 3.0f},
      {"tiny", least},
      {"huge", -most},
      {"minus zero", -0.0f},
      {"up", INFINITY},
      {"down", -INFINITY},
      {"symbol", Symbol{"RELU6"}},
      {"odd", Symbol{"it's 5"}},
      {"word", Symbol{"true"}},
      {"number", Symbol{"inf"}},
      {"bytes", Symbol{"bytes"}},
      {"text", std::string("a \"b\"\n\\ \x01\xff #")},
      {"", std::string()},
      {"bools", std::vector<bool>{true, false}},
      {"no_bools", std::vector<bool>{}},
      {"ints", std::vector<int64_t>{-1, 2}},
      {"no_ints", std::vector<int64_t>{}},
      {"reals", std::vector<float>{1.0f, 2.5f, INFINITY}},
      {"no_reals", std::vector<float>{}},
      {"symbols", std::vector<Symbol>{{"SAME"}, {"x y"}}},
      {"no_symbols", std::vector<Symbol>{}},
      {"raw", std::vector<std::byte>(200, std::byte{0xa5})},
      {"no_raw", std::vector<std::byte>{}},
      {"yes", int64_t{2}},
  };
  return all;
}

inline Quantization every_quantization(Quantization::Details details) {
  Quantization q;
  q.scale = {0.1f, 0.2f};
  q.zero_point = {-3, 4};
  q.axis = 1;
  q.min = {-1.5f};
  q.max = {1e30f, 7};
  q.details = details;
  q.custom = {std::byte{1}, std::byte{2}};
  q.scales_value = 3;
  q.zero_points_value = -1;
  q.block_size = 32;
  q.axes = {1, 0};
  return q;
}

/// A model with something other than the default in every field there is.
inline Model everything() {
  Model model;
  model.version = 4;
  model.description = "two\nlines";
  model.metadata_buffer = {2, 0};
  model.external_groups = {"weights.bin", ""};
  model.external_buffers = {{7, 1, 1ull << 40, UINT64_MAX, "zip"}, {9, 0, 1, 2, ""}};
  std::vector<float> weights(16);
  for (int i = 0; i < 16; ++i) weights[i] = static_cast<float>(i);
  model.buffers = {
      {}, Buffer::copy(std::as_bytes(std::span(weights))), Buffer::copy(std::as_bytes(std::span("small", 5))), {}};

  Graph main;
  main.name = "main graph";
  main.debug_metadata = 4;
  main.values = {value("in", DType::kFloat32, {1, 2}),  value("w", DType::kFloat32, {4, 4}, 1),
                 value("", DType::kInt8, {5}, 2),       value("shared \"w\"", DType::kFloat32, {16}, 1),
                 value("state", DType::kInt16, {3}, 3), value("out", DType::kInt8, {1, 2}),
                 value("more", DType::kString, {}),     value("list", DType::kVariant, {}),
                 value("never", DType::kBool, {0, 1}),  value("sparse", DType::kFloat32, {4, 8}, 1),
                 value("far", DType::kUint4, {1})};
  auto& v = main.values;
  v[0].signature = Shape{-1, 2};
  v[0].has_rank = true;
  v[1].signature = Shape{4, 4};
  v[4].is_variable = true;
  v[4].signature = Shape{-1};
  v[5].signature = Shape{-1, 3};
  v[5].quantization = std::make_shared<Quantization>(every_quantization(Quantization::Details::kCustom));
  v[6].quantization = std::make_shared<Quantization>();
  v[7].variants = {{DType::kInt32, {-1, 3}, true}, {DType::kBfloat16, {}, false}};
  v[9].sparsity = std::make_shared<Sparsity>(
      Sparsity{{0, 1, 2},
               {1},
               {{Sparsity::Dimension::Format::kDense, 4},
                {Sparsity::Dimension::Format::kSparseCsr, 0, 16, 8, {0, 1, 2, 3, 4}, {0, 1, 2, 3}},
                {Sparsity::Dimension::Format::kDense, 2}}});
  v[9].shape = {4, 8};
  v[9].buffer = 0;
  v[10].external_buffer = 9;
  Quantization q;
  q.scale = {0.5f};
  q.zero_point = {-128};
  q.axis = 3;
  v[0].quantization = std::make_shared<Quantization>(q);

  main.nodes = {node(3, {0, 1, -1, 2}, {5}), node(kCustomOp, {}, {6, -1, 7}), node(129, {4}, {})};
  main.nodes[0].version = 3;
  main.nodes[0].custom = "left over";
  main.nodes[0].attributes = every_attribute();
  main.nodes[0].intermediates = {8, -1};
  main.nodes[0].mutating_inputs = {true, false, false, true};
  main.nodes[0].debug_metadata = 6;
  main.nodes[1].custom = "my op";
  main.nodes[1].custom_options = {std::byte{0}, std::byte{255}};
  main.nodes[2].attributes = {"CallOnceOptions", {{"init_subgraph_index", int64_t{1}}}};
  main.inputs = {0};
  main.outputs = {5, 6, 5};
  Graph body;
  body.values = {value("q", DType::kInt4, {4, 2}), value("r", DType::kInt2, {4, 2}), value("s", DType::kFloat32, {}),
                 value("t", DType::kFloat32, {})};
  body.values[0].quantization = std::make_shared<Quantization>(every_quantization(Quantization::Details::kBlockwise));
  body.values[1].quantization = std::make_shared<Quantization>(every_quantization(Quantization::Details::kMultiAxis));
  model.graphs = {main, body};
  model.signatures = {{"serve it", {{"x", 0}}, {{"y z", 5}, {"words", 6}}, 0}, {"", {}, {}, 1}};
  model.metadata = {{"about", 2}, {"more", 1}};
  return model;
}

}  // namespace tulle
