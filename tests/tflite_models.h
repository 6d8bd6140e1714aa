// Small models built by hand, which together hold everything a .tflite file can say.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "formats/tflite_options.h"
#include "formats/tflite_schema.h"
#include "graph/calls.h"
#include "graph/graph.h"

namespace tulle::tflite {

inline uint32_t add_buffer(Model& model, std::span<const std::byte> bytes) {
  model.buffers.push_back(Buffer::copy(bytes));
  return static_cast<uint32_t>(model.buffers.size() - 1);
}

/// `count` bytes that differ.
inline std::vector<std::byte> some_bytes(int64_t count) {
  std::vector<std::byte> bytes(static_cast<size_t>(count));
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 + 1);
  return bytes;
}

inline int32_t add_value(Graph& graph, std::string name, DType dtype, Shape shape) {
  Value& value = graph.values.emplace_back();
  value.name = std::move(name);
  value.dtype = dtype;
  value.shape = shape;
  return static_cast<int32_t>(graph.values.size() - 1);
}

/// A value with as many constant bytes as its type and shape say.
inline int32_t add_constant(Model& model, Graph& graph, std::string name, DType dtype, Shape shape) {
  const int32_t index = add_value(graph, std::move(name), dtype, shape);
  graph.values.back().buffer = add_buffer(model, some_bytes(byte_size(dtype, shape.elements())));
  return index;
}

inline Node& add_node(Graph& graph, int32_t op, std::vector<int32_t> inputs, std::vector<int32_t> outputs) {
  Node& node = graph.nodes.emplace_back();
  node.op = op;
  if (op == kCustomOp) node.custom = "Custom";
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  return node;
}

inline Model empty_model() {
  Model model;
  model.buffers.emplace_back();
  model.graphs.emplace_back();
  return model;
}

/// A model of one graph "main" with an input of four floats, value 0.
inline Model model_with_input() {
  Model model = empty_model();
  model.graphs[0].name = "main";
  model.graphs[0].inputs = {add_value(model.graphs[0], "input", DType::kFloat32, {1, 4})};
  return model;
}

/// An int8 FULLY_CONNECTED with weights quantised per axis, and RELU6.
inline Model dense_model() {
  Model model = model_with_input();
  Graph& graph = model.graphs[0];
  const auto per_tensor = std::make_shared<const Quantization>(Quantization{.scale = {0.5f}, .zero_point = {-1}});
  graph.values[0].dtype = DType::kInt8;
  graph.values[0].quantization = per_tensor;
  graph.values[0].signature = Shape{kUnknown, 4};
  const int32_t weights = add_constant(model, graph, "weights", DType::kInt8, {3, 4});
  graph.values.back().quantization =
      std::make_shared<const Quantization>(Quantization{.scale = {0.1f, 0.2f, 0.3f}, .zero_point = {0, 0, 0}});
  const int32_t bias = add_constant(model, graph, "bias", DType::kInt32, {3});
  const int32_t dense = add_value(graph, "dense", DType::kInt8, {1, 3});
  graph.values.back().quantization = per_tensor;
  Node& node = add_node(graph, 9, {0, weights, bias}, {dense});
  node.version = 4;
  node.attributes = {"FullyConnectedOptions",
                     {{"fused_activation_function", Symbol{"RELU"}},
                      {"weights_format", Symbol{"DEFAULT"}},
                      {"keep_num_dims", false},
                      {"asymmetric_quantize_inputs", false},
                      {"quantized_bias_type", Symbol{"INT32"}}}};
  const int32_t output = add_value(graph, "output", DType::kInt8, {1, 3});
  graph.values.back().quantization = per_tensor;
  add_node(graph, 21, {dense}, {output});
  graph.outputs = {output};
  model.description = "made by hand";
  model.signatures = {{"serving_default", {{"x", 0}}, {{"y", static_cast<uint32_t>(output)}}, 0}};
  model.metadata = {{"min_runtime_version", add_buffer(model, some_bytes(16))}};
  model.metadata_buffer = {static_cast<int32_t>(model.metadata[0].buffer)};
  return model;
}

/// Constants and computed values of all types, the latter with unknown dimensions.
inline Model types_model() {
  Model model = model_with_input();
  Graph& graph = model.graphs[0];
  for (int i = 0; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    std::vector<int32_t> inputs = {0, kAbsent};
    if (dtype == DType::kString) {
      const int32_t text[] = {1, 12, 14, 'h' | 'i' << 8};
      inputs.push_back(add_value(graph, "string constant", dtype, {1}));
      graph.values.back().buffer = add_buffer(model, std::as_bytes(std::span(text)).first(14));
    } else if (bits(dtype) != 0 && dtype != DType::kResource) {
      inputs.push_back(add_constant(model, graph, std::string(name(dtype)) + " constant", dtype, {1, 3}));
    }
    const int32_t output = add_value(graph, std::string(name(dtype)), dtype, {1, 3});
    Value& value = graph.values.back();
    if (i % 2 == 0) value.signature = Shape{kUnknown, 3};
    value.has_rank = i % 3 == 0;
    if (dtype == DType::kVariant)
      value.variants = {{DType::kInt32, Shape{2, kUnknown}, true}, {DType::kBool, {}, false}};
    add_node(graph, kCustomOp, inputs, {output}).custom_options = some_bytes(i);
    graph.outputs.push_back(output);
  }
  return model;
}

/// What an attribute of an options table is filled with.
enum class Fill { kDefault, kOther, kEmpty };

inline Attribute attribute_for(const reflection::Field& field, Fill fill) {
  using reflection::BaseType;
  const reflection::Type& type = *field.type();
  const auto* names = enumeration(type);
  const auto last = [&] { return Symbol{names->values()->Get(names->values()->size() - 1)->name()->str()}; };
  const size_t count = fill == Fill::kEmpty ? 0 : 2;
  const bool other = fill != Fill::kDefault;
  switch (type.base_type()) {
    case BaseType::Bool: return (field.default_integer() != 0) != other;
    case BaseType::Float: return static_cast<float>(field.default_real()) + (other ? 0.25f : 0.0f);
    case BaseType::String: return std::string(count, 's');
    case BaseType::Vector: break;
    default:
      if (names == nullptr) return field.default_integer() + (other ? 3 : 0);
      return other ? last() : Symbol{names->values()->LookupByKey(field.default_integer())->name()->str()};
  }
  switch (type.element()) {
    case BaseType::Bool: return std::vector<bool>(count, true);
    case BaseType::Float: return std::vector<float>(count, 1.5f);
    case BaseType::UByte: return std::vector<std::byte>(count, std::byte{0x5A});
    default:
      if (names != nullptr) return std::vector<Symbol>(count, last());
      return std::vector<int64_t>(count, -4);
  }
}

/// Gives the node the first options table that names all the graphs it calls, each of them graph 1.
inline void call_graph_1(Node& node) {
  const auto incomplete = [&] {
    const auto callees = called_graphs(node);
    return std::find(callees.begin(), callees.end(), kNoGraph) != callees.end();
  };
  for (const char* name : kOptionsUnions)
    for (const reflection::EnumVal* member : *schema().enums()->LookupByKey(name)->values()) {
      if (!incomplete()) return;
      node.attributes = {};
      if (member->value() == 0) continue;
      node.attributes.table = member->name()->str();
      each_field(*schema().objects()->Get(static_cast<uint32_t>(member->union_type()->index())),
                 [&](const reflection::Field& field) {
                   if (is_reference(field)) return;
                   Attribute value = attribute_for(field, Fill::kDefault);
                   if (std::holds_alternative<int64_t>(value)) value = int64_t{1};
                   node.attributes.set(field.name()->str(), value);
                 });
    }
}

/// A node of every builtin operator, in several versions.
inline Model codes_model() {
  Model model = model_with_input();
  model.graphs.emplace_back();
  Graph& graph = model.graphs[0];
  for (int32_t op = 0; op < kBuiltinCount; ++op) {
    const int32_t output = add_value(graph, "value " + std::to_string(op), DType::kFloat32, {1, 4});
    Node& node = add_node(graph, op, {0}, {output});
    node.version = 1 + op % 4;
    call_graph_1(node);
    if (op % 3 == 0) node.intermediates = {0};
    if (op % 5 == 0) node.mutating_inputs = {op % 2 == 0};
    if (op % 7 == 0) node.debug_metadata = op;
    graph.outputs.push_back(output);
  }
  return model;
}

/// Every options table of the schema, filled alike. The nodes are all ADD: what an operator makes of its options is not
/// the format's affair.
inline Model options_model(Fill fill) {
  Model model = model_with_input();
  Graph& graph = model.graphs[0];
  for (const char* name : kOptionsUnions)
    for (const reflection::EnumVal* member : *schema().enums()->LookupByKey(name)->values()) {
      if (member->value() == 0) continue;
      const int32_t output = add_value(graph, member->name()->str(), DType::kFloat32, {1, 4});
      Attributes& attributes = add_node(graph, 0, {0}, {output}).attributes;
      attributes.table = member->name()->str();
      each_field(*schema().objects()->Get(static_cast<uint32_t>(member->union_type()->index())),
                 [&](const reflection::Field& field) {
                   // Absent vectors and strings are what the default of one is.
                   if (fill == Fill::kDefault && is_reference(field)) return;
                   attributes.set(field.name()->str(), attribute_for(field, fill));
                 });
      graph.outputs.push_back(output);
    }
  return model;
}

/// Every form of quantisation, and sparse weights with index vectors of each width.
inline Model quantized_model() {
  using Details = Quantization::Details;
  Model model = model_with_input();
  Graph& graph = model.graphs[0];
  std::vector<int32_t> inputs = {0};
  const auto add = [&](std::string name, Shape shape, Quantization quantization) {
    inputs.push_back(add_constant(model, graph, std::move(name), DType::kInt8, shape));
    graph.values.back().quantization = std::make_shared<const Quantization>(std::move(quantization));
  };
  add("per tensor", {2, 3}, {.scale = {0.25f}, .zero_point = {-128}, .min = {-32.f}, .max = {31.75f}});
  add("range only", {2, 3}, {.min = {-1.f}, .max = {1.f}});
  add("per axis", {2, 3}, {.scale = {0.5f, 0.25f, 2.f}, .zero_point = {0, 0, 0}, .axis = 1});
  add("custom", {2, 3}, {.details = Details::kCustom, .custom = some_bytes(5)});
  const int32_t scales = add_constant(model, graph, "scales", DType::kFloat16, {2, 2});
  const int32_t zero_points = add_constant(model, graph, "zero points", DType::kInt32, {2, 2});
  inputs.push_back(scales);
  inputs.push_back(zero_points);
  Quantization blockwise{
      .details = Details::kBlockwise, .scales_value = scales, .zero_points_value = -1, .block_size = 32};
  add("blockwise", {2, 64}, blockwise);
  add("blockwise on axis 1", {2, 64},
      {.axis = 1,
       .details = Details::kBlockwise,
       .scales_value = scales,
       .zero_points_value = zero_points,
       .block_size = 32});
  add("multi-axis", {2, 2},
      {.details = Details::kMultiAxis, .scales_value = scales, .zero_points_value = zero_points, .axes = {0, 1}});
  const auto first_sparse = static_cast<int32_t>(graph.values.size());
  for (const uint8_t width : {32, 16, 8}) {
    add_value(graph, "sparse with " + std::to_string(width) + " bits", DType::kFloat32, {4, 4});
    Value& value = graph.values.back();
    value.buffer = add_buffer(model, some_bytes(byte_size(DType::kFloat32, 4)));
    value.sparsity = std::make_shared<const Sparsity>(
        Sparsity{{0, 1},
                 {},
                 {{Sparsity::Dimension::Format::kDense, 4, 0, 0, {}, {}},
                  {Sparsity::Dimension::Format::kSparseCsr, 4, width, width, {0, 1, 2, 3, 4}, {3, 2, 1, 0}}}});
  }
  for (int32_t i = 0; i < 3; ++i) {
    inputs.push_back(add_value(graph, "dense " + std::to_string(i), DType::kFloat32, {4, 4}));
    add_node(graph, 124, {first_sparse + i}, {inputs.back()});
  }
  const int32_t output = add_value(graph, "output", DType::kFloat32, {1, 4});
  add_node(graph, kCustomOp, inputs, {output});
  graph.outputs = {output};
  return model;
}

/// IF over two graphs, a variable, signatures for each graph, external constants and metadata.
inline Model control_model() {
  Model model = model_with_input();
  model.graphs.resize(3);
  for (int32_t body : {1, 2}) {
    Graph& graph = model.graphs[static_cast<size_t>(body)];
    graph.name = body == 1 ? "then" : "";
    graph.debug_metadata = body;
    const int32_t input = add_value(graph, "", DType::kFloat32, {1, 4});
    const int32_t output = add_value(graph, "", DType::kFloat32, {1, 4});
    add_node(graph, body == 1 ? 101 : 59, {input}, {output});
    graph.inputs = {input};
    graph.outputs = {output};
    model.signatures.push_back({body == 1 ? "abs" : "neg", {{"x", 0}}, {{"y", 1}}, static_cast<uint32_t>(body)});
  }
  Graph& graph = model.graphs[0];
  const int32_t condition = add_value(graph, "condition", DType::kBool, {});
  graph.values.back().has_rank = true;
  graph.inputs.push_back(condition);
  const int32_t state = add_value(graph, "state", DType::kFloat32, {1, 4});
  graph.values.back().is_variable = true;
  add_value(graph, "elsewhere", DType::kFloat32, {1, 4});
  graph.values.back().external_buffer = 7;
  const int32_t chosen = add_value(graph, "chosen", DType::kFloat32, {1, 4});
  add_node(graph, 118, {condition, 0}, {chosen}).attributes = {
      "IfOptions", {{"then_subgraph_index", int64_t{1}}, {"else_subgraph_index", int64_t{2}}}};
  const int32_t output = add_value(graph, "output", DType::kFloat32, {1, 4});
  Node& custom = add_node(graph, kCustomOp, {chosen, state}, {output});
  custom.custom = "Accumulate";
  custom.custom_options = some_bytes(40);
  custom.mutating_inputs = {false, true};
  graph.outputs = {output};
  model.external_groups = {"weights.bin"};
  model.external_buffers = {{7, 0, 64, 16, "raw"}};
  model.metadata = {{"one", add_buffer(model, some_bytes(1))}, {"two", 0}};
  return model;
}

inline std::vector<std::pair<std::string, Model>> hand_models() {
  std::vector<std::pair<std::string, Model>> models;
  models.emplace_back("empty", empty_model());
  models.emplace_back("dense", dense_model());
  models.emplace_back("types", types_model());
  models.emplace_back("codes", codes_model());
  models.emplace_back("default options", options_model(Fill::kDefault));
  models.emplace_back("other options", options_model(Fill::kOther));
  models.emplace_back("empty options", options_model(Fill::kEmpty));
  models.emplace_back("quantized", quantized_model());
  models.emplace_back("control", control_model());
  return models;
}

inline constexpr const char* kNoSharedModels = "NO MODELS: set TULLE_SHARED to the folder that holds models/*.tflite";
/// The real models, where there are any.
inline std::vector<std::filesystem::path> shared_models() {
  const char* shared = std::getenv("TULLE_SHARED");
  const std::filesystem::path folder =
      (shared != nullptr ? std::filesystem::path(shared) : std::filesystem::path(TULLE_SOURCE_DIR) / "../shared") /
      "models";
  std::vector<std::filesystem::path> paths;
  if (std::filesystem::exists(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.path().extension() == ".tflite") paths.push_back(entry.path());
  return paths;
}

}  // namespace tulle::tflite
