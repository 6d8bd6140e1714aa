// verify: a sound model passes, and each way to break it is found and named.
#include "graph/verify.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "formats/tflite.h"

namespace tulle {
namespace {

template <class T>
Buffer bytes_of(std::initializer_list<T> values) {
  return Buffer::copy(std::as_bytes(std::span(values.begin(), values.size())));
}

Value value(std::string name, DType dtype, Shape shape, uint32_t buffer = 0) {
  Value value;
  value.name = std::move(name);
  value.dtype = dtype;
  value.shape = shape;
  value.buffer = buffer;
  return value;
}

Node node(std::string_view op, std::vector<int32_t> inputs, std::vector<int32_t> outputs) {
  Node node;
  node.op = *parse_builtin(op);
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  return node;
}

Quantization quantized(std::vector<float> scale, std::vector<int64_t> zero_point, int32_t axis = 0) {
  Quantization quantization;
  quantization.scale = std::move(scale);
  quantization.zero_point = std::move(zero_point);
  quantization.axis = axis;
  return quantization;
}

/// Two graphs: 0 adds a constant, then calls 1 or 1.
Model sound() {
  Model model;
  model.buffers = {{},
                   bytes_of<float>({1, 2, 3, 4}),
                   bytes_of<int32_t>({2, 12 + 4, 17, 19, 0x00646361}),
                   bytes_of<uint8_t>({7, 8, 9})};
  model.buffers[2].bytes = model.buffers[2].bytes.first(19);
  Graph main;
  main.values = {value("x", DType::kFloat32, {2, 2}),   value("c", DType::kFloat32, {2, 2}, 1),
                 value("sum", DType::kFloat32, {2, 2}), value("cond", DType::kBool, {}),
                 value("y", DType::kFloat32, {2, 2}),   value("words", DType::kString, {2}, 2),
                 value("nothing", DType::kInt32, {0}),  value("state", DType::kFloat32, {3})};
  main.values[7].is_variable = true;
  main.nodes = {node("ADD", {0, 1}, {2}), node("IF", {3, 2}, {4})};
  main.nodes[1].attributes = {"IfOptions", {{"then_subgraph_index", int64_t{1}}, {"else_subgraph_index", int64_t{1}}}};
  main.inputs = {0, 3};
  main.outputs = {4};
  Graph body;
  body.values = {value("a", DType::kFloat32, {2, 2}), value("b", DType::kFloat32, {2, 2})};
  body.nodes = {node("NEG", {0}, {1})};
  body.inputs = {0};
  body.outputs = {1};
  model.graphs = {main, body};
  model.signatures = {{"serve", {{"x", 0}, {"cond", 3}}, {{"y", 4}}, 0}};
  model.metadata = {{"about", 3}};
  return model;
}

/// The message of the error that `change` brings about; empty where the model stays sound.
std::string broken(const std::function<void(Model&)>& change) {
  Model model = sound();
  change(model);
  const Result<void> result = verify(model);
  return result ? "" : result.error().message;
}

TEST(Verify, SoundModel) {
  EXPECT_EQ(broken([](Model&) {}), "");
}

struct Case {
  const char* message;
  void (*change)(Model&);
};

void expect_messages(std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(broken(c.change), c.message);
}

TEST(Verify, Tables) {
  expect_messages({
      {"the model has no graph", [](Model& m) { m.graphs.clear(); }},
      {"buffer 0 must be there and empty", [](Model& m) { m.buffers.clear(); }},
      {"buffer 0 must be there and empty", [](Model& m) { m.buffers[0] = m.buffers[1]; }},
      {"metadata \"about\": buffer 4, the model has 4", [](Model& m) { m.metadata[0].buffer = 4; }},
      {"metadata in buffer -1, the model has 4", [](Model& m) { m.metadata_buffer = {0, -1}; }},
      {"external buffer 5: group 0, the model has 0", [](Model& m) { m.external_buffers = {{5}}; }},
      {"two external buffers with id 5",
       [](Model& m) { m.external_groups = {"g"}, m.external_buffers = {{5}, {6}, {5}}; }},
      {"signature \"serve\": calls graph 2, the model has 2", [](Model& m) { m.signatures[0].graph = 2; }},
      {"two signatures named \"serve\"", [](Model& m) { m.signatures.push_back(m.signatures[0]); }},
      {"signature \"serve\": two inputs named \"x\"", [](Model& m) { m.signatures[0].inputs[1].name = "x"; }},
      {"signature \"serve\": output \"y\" is value 2, which is no output of graph 0",
       [](Model& m) { m.signatures[0].outputs[0].value = 2; }},
  });
}

TEST(Verify, Values) {
  expect_messages({
      {"graph 0 value 1 \"c\": its data is buffer 9, the model has 4",
       [](Model& m) { m.graphs[0].values[1].buffer = 9; }},
      {"graph 0 value 1 \"c\": buffer 1 has 16 bytes, float32 [2,3] takes 24",
       [](Model& m) { m.graphs[0].values[1].shape[1] = 3; }},
      {"graph 0 value 1 \"c\": buffer 1 has 16 bytes, int4 [2,2] takes 2",
       [](Model& m) { m.graphs[0].values[1].dtype = DType::kInt4; }},
      {"", [](Model& m) { m.graphs[0].values[1].dtype = DType::kInt4, m.graphs[0].values[1].shape = {31}; }},
      {"graph 0 value 1 \"c\": variant cannot be constant",
       [](Model& m) { m.graphs[0].values[1].dtype = DType::kVariant; }},
      {"graph 0 value 1 \"c\": a variable with constant data",
       [](Model& m) { m.graphs[0].values[1].is_variable = true; }},
      {"graph 0 value 0 \"x\": shape: dimension 1 is -1", [](Model& m) { m.graphs[0].values[0].shape[1] = -1; }},
      {"graph 0 value 0 \"x\": shape [65536,65536] has over 2147483647 elements",
       [](Model& m) { m.graphs[0].values[0].shape = {65536, 65536}; }},
      {"graph 0 value 0 \"x\": shape [65536,0,65536] has over 2147483647 elements",
       [](Model& m) { m.graphs[0].values[0].shape = {65536, 0, 65536}; }},
      {"graph 0 value 0 \"x\": shape [2,2] and shape signature [?] differ in rank",
       [](Model& m) { m.graphs[0].values[0].signature = Shape{-1}; }},
      {"", [](Model& m) { m.graphs[0].values[0].signature = Shape{-1, 2}; }},
      {"graph 0 value 0 \"x\": element type 23 is not known",
       [](Model& m) { m.graphs[0].values[0].dtype = static_cast<DType>(23); }},
      {"graph 0 value 0 \"x\": variant 1: dimension 0 is -2",
       [](Model& m) { m.graphs[0].values[0].variants = {{DType::kInt8, {-1}, true}, {DType::kInt8, {-2}, true}}; }},
      {"graph 0 value 0 \"x\": external buffer 4 does not exist",
       [](Model& m) { m.graphs[0].values[0].external_buffer = 4; }},
  });
}

TEST(Verify, Strings) {
  expect_messages({
      {"graph 0 value 5 \"words\": string table of 19 bytes holds 2 strings, the shape has 3 elements",
       [](Model& m) { m.graphs[0].values[5].shape = {3}; }},
      {"graph 0 value 5 \"words\": string table of 19 bytes has no room for 2147483648 offsets",
       [](Model& m) {
         m.buffers[2] = bytes_of<int32_t>({2147483647, 16, 17, 19, 0});
         m.buffers[2].bytes = m.buffers[2].bytes.first(19);
         m.graphs[0].values[5].shape = {2147483647};
       }},
      {"graph 0 value 5 \"words\": string 0 starts at byte 12 of the table, not 16",
       [](Model& m) { m.buffers[2] = bytes_of<int32_t>({2, 12, 17, 19, 0}); }},
      {"graph 0 value 5 \"words\": string 1 starts at byte 21 of the table and ends at 19",
       [](Model& m) { m.buffers[2] = bytes_of<int32_t>({2, 16, 21, 19, 0}); }},
      {"graph 0 value 5 \"words\": strings end at byte 19 of a table of 20",
       [](Model& m) { m.buffers[2] = bytes_of<int32_t>({2, 16, 17, 19, 0}); }},
      {"", [](Model& m) { m.graphs[0].values[5].shape = {0}, m.buffers[2] = bytes_of<int32_t>({0, 8}); }},
  });
}

template <class... Args>
void quantize(Model& model, int i, Args... args) {
  model.graphs[0].values[i].quantization = std::make_shared<Quantization>(quantized(args...));
}
using Floats = std::vector<float>;
using Integers = std::vector<int64_t>;

TEST(Verify, Quantization) {
  expect_messages({
      {"", [](Model& m) { quantize(m, 0, Floats{0.5f}, Integers{}); }},
      {"", [](Model& m) { quantize(m, 0, Floats{0.5f, 1}, Integers{3}, 1); }},
      {"", [](Model& m) { quantize(m, 7, Floats{1, 2, 3}, Integers{0, 0, 0}, 3); }},
      {"graph 0 value 0 \"x\": quantization: 1 scales and 2 zero points",
       [](Model& m) { quantize(m, 0, Floats{0.5f}, Integers{1, 2}); }},
      {"graph 0 value 0 \"x\": quantization: 3 scales along dimension 1 of [2,2]",
       [](Model& m) { quantize(m, 0, Floats{1, 2, 3}, Integers{}, 1); }},
      {"graph 0 value 0 \"x\": quantization: 2 scales along dimension 2 of [2,2]",
       [](Model& m) { quantize(m, 0, Floats{1, 2}, Integers{}, 2); }},
      {"graph 0 value 3 \"cond\": quantization: 2 scales along dimension 0 of []",
       [](Model& m) { quantize(m, 3, Floats{1, 2}, Integers{}, 0); }},
      {"graph 0 value 0 \"x\": quantization: the scales are value 8, the graph has 8",
       [](Model& m) {
         Quantization blocks;
         blocks.details = Quantization::Details::kBlockwise;
         blocks.scales_value = 8;
         m.graphs[0].values[0].quantization = std::make_shared<Quantization>(blocks);
       }},
      {"graph 0 value 0 \"x\": quantization: axes has entry 2 twice or outside 0…1",
       [](Model& m) {
         Quantization axes;
         axes.details = Quantization::Details::kMultiAxis;
         axes.zero_points_value = -1;
         axes.axes = {0, 2};
         m.graphs[0].values[0].quantization = std::make_shared<Quantization>(axes);
       }},
  });
}

/// [4,4] in blocks of 2 along dimension 1: rows dense, two block columns compressed, two elements a block.
Sparsity blocks() {
  using Dimension = Sparsity::Dimension;
  const Dimension rows{Dimension::Format::kDense, 4}, inside{Dimension::Format::kDense, 2};
  const Dimension columns{Dimension::Format::kSparseCsr, 0, 8, 8, {0, 1, 1, 2, 2}, {1, 0}};
  return {{0, 1, 2}, {1}, {rows, columns, inside}};
}

std::string sparse(const std::function<void(Sparsity&)>& change, const char* reader = nullptr) {
  return broken([&](Model& m) {
    Sparsity sparsity = blocks();
    change(sparsity);
    m.graphs[0].values.push_back(value("w", DType::kFloat32, {4, 4}, 1));  // 2 blocks of 2 floats
    m.graphs[0].values.back().sparsity = std::make_shared<Sparsity>(sparsity);
    if (reader != nullptr) m.graphs[0].nodes.push_back(node(reader, {8}, {-1}));
  });
}

TEST(Verify, Sparsity) {
  const std::string at = "graph 0 value 8 \"w\": ";
  EXPECT_EQ(sparse([](Sparsity&) {}), "");
  EXPECT_EQ(sparse([](Sparsity&) {}, "DENSIFY"), "");
  EXPECT_EQ(sparse([](Sparsity&) {}, "NEG"),
            "graph 0 node 2 NEG: input 0: value 8 \"w\" is sparse, which only DENSIFY reads");
  EXPECT_EQ(sparse([](Sparsity& s) { s.dimensions[1].segments[1] = 2; }),
            at + "sparsity: level 1: segments do not rise from 0 to the 2 indices");
  EXPECT_EQ(sparse([](Sparsity& s) { s.dimensions[1].segments.push_back(2); }),
            at + "sparsity: level 1: 6 segments, 4 rows need one more than that");
  EXPECT_EQ(sparse([](Sparsity& s) { s.dimensions[1].indices[0] = 2; }),
            at + "sparsity: level 1: index 0 is 2, the extent is 2");
  EXPECT_EQ(sparse([](Sparsity& s) { s.dimensions[2].dense_size = 3; }),
            at + "sparsity: level 2: blocks must be dense and divide the 4 of dimension 1");
  EXPECT_EQ(sparse([](Sparsity& s) { s.dimensions[0].dense_size = 5; }),
            at + "sparsity: level 0: dense size is 5, the shape says 4");
  EXPECT_EQ(sparse([](Sparsity& s) { s.traversal_order[0] = 1; }),
            at + "sparsity: traversal order has entry 1 twice or outside 0…2");
  EXPECT_EQ(sparse([](Sparsity& s) { s.block_map[0] = 2; }),
            at + "sparsity: block map has entry 2 twice or outside 0…1");
  EXPECT_EQ(sparse([](Sparsity& s) { s.dimensions.pop_back(); }),
            at + "sparsity: 3 levels in traversal order and 2 described, the shape and blocks have 3");
  EXPECT_EQ(sparse([](Sparsity& s) { s.dimensions[1].segments = {0, 1, 1, 1, 1}, s.dimensions[1].indices = {1}; }),
            at + "buffer 1 has 16 bytes, float32 with 2 elements stored takes 8");
}

TEST(Verify, Nodes) {
  expect_messages({
      {"graph 0 node 0 ADD: input 1 is value 99, the graph has 8",
       [](Model& m) { m.graphs[0].nodes[0].inputs[1] = 99; }},
      {"graph 0 node 0 ADD: input 1 is value -2, the graph has 8",
       [](Model& m) { m.graphs[0].nodes[0].inputs[1] = -2; }},
      {"graph 0 node 0 ADD: intermediate 0 is value 8, the graph has 8",
       [](Model& m) { m.graphs[0].nodes[0].intermediates = {8}; }},
      {"graph 0 node 0 ADD: output 0 is value 1 \"c\", which is a graph input or constant",
       [](Model& m) { m.graphs[0].nodes[0].outputs = {1}; }},
      {"graph 0 node 0 ADD: output 0 is value 7 \"state\", which is a variable",
       [](Model& m) { m.graphs[0].nodes[0].outputs = {7}; }},
      {"graph 0 node 1 IF: output 0 is value 2, which node 0 computes already",
       [](Model& m) { m.graphs[0].nodes[1].outputs = {2}; }},
      {"graph 0 node 0 ADD: input 1: value 4 \"y\" is computed later, by node 1 IF",
       [](Model& m) { m.graphs[0].nodes[0].inputs[1] = 4; }},
      {"graph 0 node 0 ADD: input 1: value 2 \"sum\" is computed later, by node 0 ADD",
       [](Model& m) { m.graphs[0].nodes[0].inputs[1] = 2; }},
      {"graph 0 node 0 ADD: input 1: value 1 \"c\" is neither computed nor an input, constant or variable",
       [](Model& m) { m.graphs[0].values[1].buffer = 0; }},
      {"", [](Model& m) { m.graphs[0].nodes[0].inputs = {6, 7, 5, -1}; }},
      {"graph 0 node 0 ADD: input 0: value 7 \"state\" has its data in another file",
       [](Model& m) {
         m.external_groups = {"weights.bin"};
         m.external_buffers = {{3}};
         m.graphs[0].values[7].is_variable = false;
         m.graphs[0].values[7].external_buffer = 3;
         m.graphs[0].nodes[0].inputs[0] = 7;
       }},
      {"graph 0 node 0 ADD: 3 marks of changed inputs, there are 2 inputs",
       [](Model& m) { m.graphs[0].nodes[0].mutating_inputs = {true, false, true}; }},
      {"graph 0 node 0 : operator code 210 is not in 0…209", [](Model& m) { m.graphs[0].nodes[0].op = 210; }},
      {"graph 0 node 0 \"\": a custom operator without a name", [](Model& m) { m.graphs[0].nodes[0].op = kCustomOp; }},
      {"graph 0 input 1 is value 8, the graph has 8", [](Model& m) { m.graphs[0].inputs[1] = 8; }},
      {"graph 0 input 1 is value 0, which is an input already", [](Model& m) { m.graphs[0].inputs[1] = 0; }},
      {"graph 0 output 0 is value -1, the graph has 8", [](Model& m) { m.graphs[0].outputs[0] = -1; }},
      {"graph 1 output 0: value 1 \"b\" is neither computed nor an input, constant or variable",
       [](Model& m) { m.graphs[1].nodes.clear(); }},
  });
}

TEST(Verify, Calls) {
  expect_messages({
      {"graph 0 node 1 IF: calls graph 2, the model has 2",
       [](Model& m) { m.graphs[0].nodes[1].attributes.set("else_subgraph_index", int64_t{2}); }},
      {"graph 0 node 1 IF: a graph to call is not given, or as no number",
       [](Model& m) { m.graphs[0].nodes[1].attributes = {}; }},
      {"graph 0 node 1 IF: a graph to call is not given, or as no number",
       [](Model& m) { m.graphs[0].nodes[1].attributes.set("else_subgraph_index", 1.0f); }},
      {"graph 0 node 1 IF: calls graph 0, which leads into a cycle of calls",
       [](Model& m) { m.graphs[0].nodes[1].attributes.set("else_subgraph_index", int64_t{0}); }},
      {"graph 0 node 1 IF: calls graph 1, which leads into a cycle of calls",
       [](Model& m) {
         m.graphs[1].nodes.push_back(node("STABLEHLO_CASE", {}, {}));
         m.graphs[1].nodes.back().attributes.set("branch_subgraph_indices", Integers{0});
       }},
      {"graph 1 node 1 STABLEHLO_CASE: calls graph 7, the model has 2",
       [](Model& m) {
         m.graphs[1].nodes.push_back(node("STABLEHLO_CASE", {}, {}));
         m.graphs[1].nodes.back().attributes.set("branch_subgraph_indices", Integers{7});
       }},
  });
}

/// Deep chains of calls and wide sharing of constants cost no more than their size.
TEST(Verify, Large) {
  Model model = sound();
  constexpr int kGraphs = 50000;
  for (int g = 1; g < kGraphs; ++g) {
    model.graphs[g].nodes.push_back(node("CALL_ONCE", {}, {}));
    model.graphs[g].nodes.back().attributes.set("init_subgraph_index", int64_t{g + 1});
    model.graphs.push_back(Graph{});
  }
  std::vector<int32_t> table(100002, 400008);
  table[0] = 100000;
  model.buffers.push_back(Buffer::copy(std::as_bytes(std::span(table))));
  for (int i = 0; i < 100000; ++i) model.graphs[0].values.push_back(value("s", DType::kString, {100000}, 4));
  const Result<void> result = verify(model);
  EXPECT_TRUE(result) << result.error().message;
}

TEST(Verify, RealModels) {
  const char* shared = std::getenv("TULLE_SHARED");
  const std::filesystem::path models =
      std::filesystem::path(shared != nullptr ? shared : TULLE_SOURCE_DIR "/../shared") / "models";
  if (!std::filesystem::exists(models)) GTEST_SKIP() << "no models at " << models;
  int count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(models)) {
    if (file.path().extension() != ".tflite") continue;
    const auto model = tflite::load(file.path());
    EXPECT_TRUE(model) << model.error().message;
    ++count;
  }
  EXPECT_GT(count, 0);
}

}  // namespace
}  // namespace tulle
