// The text form: every field of a model survives it, real models do, and no text does harm.
#include "graph/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>

#include "base/hash.h"
#include "formats/tflite.h"

namespace tulle {
namespace {

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(Hash, PublishedValues) {
  EXPECT_EQ(hash(as_bytes("")), 0xef46db3751d8e999u);
  EXPECT_EQ(hash(as_bytes("a")), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(hash(as_bytes("abc")), 0x44bc2cf5ad770999u);
  EXPECT_EQ(hash(as_bytes("Nobody inspects the spammish repetition")), 0xfbcea83c8a378bf1u);
}

Value value(std::string name, DType dtype, Shape shape, uint32_t buffer = 0) {
  Value value;
  value.name = std::move(name);
  value.dtype = dtype;
  value.shape = shape;
  value.buffer = buffer;
  return value;
}

Node node(int32_t op, std::vector<int32_t> inputs, std::vector<int32_t> outputs) {
  Node node;
  node.op = op;
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  return node;
}

Attributes every_attribute() {
  const float least = std::numeric_limits<float>::denorm_min(), most = std::numeric_limits<float>::max();
  Attributes all;
  all.table = "a table";
  all.entries = {
      {"yes", true}, {"no", false}, {"int", int64_t{5}}, {"least", INT64_MIN}, {"most", INT64_MAX},
      {"real", 0.1f}, {"whole", 3.0f}, {"tiny", least}, {"huge", -most}, {"minus zero", -0.0f}, {"up", INFINITY}, {"down", -INFINITY},
      {"symbol", Symbol{"RELU6"}}, {"odd", Symbol{"it's 5"}}, {"word", Symbol{"true"}}, {"number", Symbol{"inf"}}, {"bytes", Symbol{"bytes"}},
      {"text", std::string("a \"b\"\n\\ \x01\xff #")}, {"", std::string()},
      {"bools", std::vector<bool>{true, false}}, {"no_bools", std::vector<bool>{}},
      {"ints", std::vector<int64_t>{-1, 2}}, {"no_ints", std::vector<int64_t>{}},
      {"reals", std::vector<float>{1.0f, 2.5f, INFINITY}}, {"no_reals", std::vector<float>{}},
      {"symbols", std::vector<Symbol>{{"SAME"}, {"x y"}}}, {"no_symbols", std::vector<Symbol>{}},
      {"raw", std::vector<std::byte>(200, std::byte{0xa5})}, {"no_raw", std::vector<std::byte>{}},
      {"yes", int64_t{2}},
  };
  return all;
}

Quantization every_quantization(Quantization::Details details) {
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
Model everything() {
  Model model;
  model.description = "two\nlines";
  model.metadata_buffer = {2, 0};
  model.external_groups = {"weights.bin", ""};
  model.external_buffers = {{7, 1, 1ull << 40, UINT64_MAX, "zip"}, {9, 0, 1, 2, ""}};
  std::vector<float> weights(16);
  for (int i = 0; i < 16; ++i) weights[i] = static_cast<float>(i);
  model.buffers = {{}, Buffer::copy(std::as_bytes(std::span(weights))), Buffer::copy(as_bytes("small")), {}};

  Graph main;
  main.name = "main graph";
  main.debug_metadata = 4;
  main.values = {value("in", DType::kFloat32, {1, 2}), value("w", DType::kFloat32, {4, 4}, 1), value("", DType::kInt8, {5}, 2),
                 value("shared \"w\"", DType::kFloat32, {16}, 1), value("state", DType::kInt16, {3}, 3), value("out", DType::kInt8, {1, 2}),
                 value("more", DType::kString, {}), value("list", DType::kVariant, {}), value("never", DType::kBool, {0, 1}),
                 value("sparse", DType::kFloat32, {4, 8}, 1), value("far", DType::kUint4, {1})};
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
  v[9].sparsity = std::make_shared<Sparsity>(Sparsity{
      {0, 1, 2}, {1}, {{Sparsity::Dimension::Format::kDense, 4}, {Sparsity::Dimension::Format::kSparseCsr, 0, 16, 8, {0, 1, 2, 3, 4}, {0, 1, 2, 3}}, {Sparsity::Dimension::Format::kDense, 2}}});
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
  body.values = {value("q", DType::kInt4, {4, 2}), value("r", DType::kInt2, {4, 2}), value("s", DType::kFloat32, {}), value("t", DType::kFloat32, {})};
  body.values[0].quantization = std::make_shared<Quantization>(every_quantization(Quantization::Details::kBlockwise));
  body.values[1].quantization = std::make_shared<Quantization>(every_quantization(Quantization::Details::kMultiAxis));
  model.graphs = {main, body};
  model.signatures = {{"serve it", {{"x", 0}}, {{"y z", 5}, {"words", 6}}, 0}, {"", {}, {}, 1}};
  model.metadata = {{"about", 2}, {"more", 1}};
  return model;
}

void expect_round_trip(const Model& model) {
  for (const Weights weights : {Weights::kInline, Weights::kElided}) {
    const std::string text = print(model, weights);
    const Result<Model> back = parse(text, weights == Weights::kElided ? &model : nullptr);
    ASSERT_TRUE(back) << back.error().message << "\n" << text.substr(0, 4000);
    EXPECT_TRUE(*back == model) << text.substr(0, 4000) << "\nread back as\n" << print(*back, weights).substr(0, 4000);
    EXPECT_EQ(print(*back, weights), text);
  }
}

TEST(Text, EverythingRoundTrips) { expect_round_trip(everything()); }

/// Models that differ in one place print differently, so that no field is left out of the text.
TEST(Text, EveryFieldShows) {
  const std::string text = print(everything(), Weights::kInline);
  const std::vector<void (*)(Model&)> changes = {
      [](Model& m) { m.version = 4; },
      [](Model& m) { m.description = ""; },
      [](Model& m) { m.metadata_buffer.pop_back(); },
      [](Model& m) { m.external_groups.pop_back(); },
      [](Model& m) { m.external_buffers[0].id = 8; },
      [](Model& m) { m.external_buffers[0].group = 0; },
      [](Model& m) { m.external_buffers[0].offset = 0; },
      [](Model& m) { m.external_buffers[0].length = 0; },
      [](Model& m) { m.external_buffers[0].packing = ""; },
      [](Model& m) { m.buffers.pop_back(); },
      [](Model& m) { m.signatures[0].key = ""; },
      [](Model& m) { m.signatures[1].graph = 0; },
      [](Model& m) { m.signatures[0].inputs[0].name = ""; },
      [](Model& m) { m.signatures[0].outputs[1].value = 5; },
      [](Model& m) { m.metadata[0].name = ""; },
      [](Model& m) { m.metadata[0].buffer = 0; },
      [](Model& m) { m.graphs[0].name = ""; },
      [](Model& m) { m.graphs[0].debug_metadata = -1; },
      [](Model& m) { m.graphs[0].inputs = {}; },
      [](Model& m) { m.graphs[0].outputs = {}; },
      [](Model& m) { m.graphs[0].values[0].name = ""; },
      [](Model& m) { m.graphs[0].values[0].dtype = DType::kFloat16; },
      [](Model& m) { m.graphs[0].values[0].shape = {1, 3}; },
      [](Model& m) { m.graphs[0].values[0].shape = {2, 2}; },
      [](Model& m) { m.graphs[0].values[0].signature = std::nullopt; },
      [](Model& m) { m.graphs[0].values[0].has_rank = false; },
      [](Model& m) { m.graphs[0].values[1].signature = std::nullopt; },
      [](Model& m) { m.graphs[0].values[4].buffer = 0; },
      [](Model& m) { m.graphs[0].values[4].is_variable = false; },
      [](Model& m) { m.graphs[0].values[5].signature = Shape{-1, 2}; },
      [](Model& m) { m.graphs[0].values[6].quantization = nullptr; },
      [](Model& m) { m.graphs[0].values[7].variants[0].has_rank = false; },
      [](Model& m) { m.graphs[0].values[10].external_buffer = 7; },
      [](Model& m) { m.graphs[0].nodes[0].op = 4; },
      [](Model& m) { m.graphs[0].nodes[0].custom = ""; },
      [](Model& m) { m.graphs[0].nodes[0].version = 1; },
      [](Model& m) { m.graphs[0].nodes[0].intermediates = {8}; },
      [](Model& m) { m.graphs[0].nodes[0].mutating_inputs = {}; },
      [](Model& m) { m.graphs[0].nodes[0].debug_metadata = 0; },
      [](Model& m) { m.graphs[0].nodes[0].attributes.table = ""; },
      [](Model& m) { m.graphs[0].nodes[0].attributes.entries.pop_back(); },
      [](Model& m) { m.graphs[0].nodes[1].custom = "your op"; },
      [](Model& m) { m.graphs[0].nodes[1].custom_options = {}; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    Model model = everything();
    changes[i](model);
    EXPECT_NE(print(model, Weights::kInline), text) << "change " << i;
  }
}

TEST(Text, NotANumberKeepsItsBits) {
  Model model = everything();
  const float nan = std::bit_cast<float>(0xffc12345u);
  model.graphs[0].nodes[0].attributes.set("real", nan);
  const std::string text = print(model, Weights::kInline);
  EXPECT_NE(text.find("nanffc12345"), text.npos);
  const Result<Model> back = parse(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(std::bit_cast<uint32_t>(back->graphs[0].nodes[0].attributes.real("real")), 0xffc12345u);
}

TEST(Text, FloatsAreExact) {
  std::mt19937 random(1);
  Model model = everything();
  std::vector<float> reals;
  while (reals.size() < 20000) {
    const float real = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (real == real) reals.push_back(real);
  }
  model.graphs[0].nodes[0].attributes.set("reals", reals);
  const Result<Model> back = parse(print(model, Weights::kInline));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(std::memcmp(back->graphs[0].nodes[0].attributes.reals("reals").data(), reals.data(), reals.size() * sizeof(float)), 0);
}

/// Values that share constant bytes still share them, and elided ones share those of the model they came from.
TEST(Text, BuffersStayShared) {
  const Model model = everything();
  const Result<Model> back = parse(print(model, Weights::kElided), &model);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->data(back->graphs[0].values[1]).data(), back->data(back->graphs[0].values[3]).data());
  EXPECT_EQ(back->data(back->graphs[0].values[1]).data(), model.buffers[1].bytes.data());
}

/// print is for looking into models, broken ones too.
TEST(Text, PrintsWhatIsNotSound) {
  Model model = everything();
  model.graphs[0].nodes[0].inputs = {99, -7};
  model.graphs[0].nodes[0].outputs = {99, 0, 0};
  model.graphs[0].nodes[1].op = 300;
  model.graphs[0].values[1].buffer = 99;
  model.graphs[0].values[1].shape[0] = -5;
  model.signatures[0].graph = 9;
  EXPECT_NE(print(model, Weights::kInline).find("%99"), std::string::npos);
  EXPECT_FALSE(parse(print(model, Weights::kInline)));
}

constexpr const char* kSmall = R"(tulle 1
model

graph 0 "add" inputs=[%0] outputs=[%2]
  %0 "x" : float32[2]
  %1 "c" : float32[2] buffer=1  # 1.0 2.5
  %2 "sum" : float32[2] = ADD (%0, %1) AddOptions {fused_activation_function=NONE}  # node 0

buffer 0 bytes[]
buffer 1 bytes[0000803f00002040]
)";

TEST(Text, Small) {
  const Result<Model> model = parse(kSmall);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(print(*model, Weights::kInline), kSmall);
  EXPECT_EQ(print(*model, Weights::kElided), kSmall);
}

std::string edited(std::string_view from, std::string_view to) {
  std::string text = kSmall;
  const size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Text, Errors) {
  const struct {
    const char *from, *to, *message;
  } cases[] = {
      {"tulle 1", "", "line 2 column 1: \"tulle\" expected, not \"model\""},
      {"tulle 1", "tulle 2", "line 1 column 7: \"1\" expected, not \"2\""},
      {"model", "modle", "line 2 column 1: there is no section \"modle\""},
      {"graph 0", "graph 1", "line 4 column 7: number 0 expected, not 1"},
      {"outputs", "output", "line 4 column 27: there is no field \"output\" here"},
      {"outputs=", "outputs ", "line 4 column 35: = expected, not \"[\""},
      {"outputs=[%2]", "inputs=[%2]", "line 4 column 27: inputs is given twice"},
      {"[%2]", "[2]", "line 4 column 36: a value such as %12 expected, not \"2\""},
      {"[%2]", "[%2", "line 5 column 3: ] expected, not \"%0\""},
      {"[%2]", "[%2147483648]", "line 4 column 36: \"%2147483648\" is no value"},
      {"\"x\"", "\"x", "line 5 column 6: the closing quote is missing"},
      {"\"x\"", "\"\\y\"", "line 5 column 6: a \\ in the text begins no escape that is known"},
      {"\"x\"", "\"\\x4\"", "line 5 column 6: a \\ in the text begins no escape that is known"},
      {"\"x\"", "x", "line 5 column 6: a name in quotes or = expected, not \"x\""},
      {"%0 \"x\"", "%1 \"x\"", "line 6 column 3: %1 is declared twice"},
      {"%0 \"x\"", "%7 \"x\"", "line 5 column 3: %7 is declared, but only 3 values are"},
      {"%0 \"x\"", "- \"x\"", "line 5 column 3: - has no name"},
      {"float32[2]", "float31[2]", "line 5 column 12: there is no element type \"float31\""},
      {"float32[2]", "float32[-2]", "line 5 column 20: a dimension expected, not \"-2\""},
      {"float32[2]", "float32[9999999999]", "line 5 column 20: a dimension expected, not \"9999999999\""},
      {"float32[2]", "float32[1,1,1,1,1,1,1,1,1]", "line 5 column 36: more than 8 dimensions"},
      {"buffer=1", "buffer=4000000000000", "line 6 column 30: 4000000000000 is outside 0…4294967295"},
      {"buffer=1", "buffer=1.0", "line 6 column 30: an integer expected, not \"1.0\""},
      {"buffer=1", "q(1.0 0", "line 7 column 3: there is no field \"%2\" here"},
      {"buffer=1", "q(1e39 0)", "line 6 column 25: 1e39 is outside the range of float32"},
      {"buffer=1", "q(nan3f800000 0)", "line 6 column 25: nan3f800000 is not the bits of a NaN"},
      {"buffer=1", "q(details=odd)", "line 6 column 33: one of none, custom, blockwise, multi_axis expected, not \"odd\""},
      {"ADD", "ADDD", "line 7 column 27: there is no operator \"ADDD\""},
      {"ADD", "ADD 2", "line 7 column 31: a version such as v2, or (, expected"},
      {"ADD", "ADD v2x", "line 7 column 31: an integer expected, not \"2x\""},
      {"(%0, %1)", "(%0 %1)", "line 7 column 35: ) expected, not \"%1\""},
      {"=NONE", "=[]", "line 7 column 78: an empty list says of what it is: bool[], int[], float[] or symbol[]"},
      {"=NONE", "=[1,2.0]", "line 7 column 81: an integer expected, not \"2.0\""},
      {"=NONE", "=text[]", "line 7 column 78: there are no lists of \"text\""},
      {"=NONE", "=", "line 7 column 78: the name of an enumerator expected, not \"}\""},
      {"=NONE", "=no-name", "line 7 column 78: the name of an enumerator expected, not \"no-name\""},
      {"=NONE", "=~", "line 7 column 78: a character that begins nothing"},
      {"}  # node 0", "} 7", "line 7 column 84: there is no field \"7\" here"},
      {"bytes[]", "bytes[0]", "line 9 column 16: pairs of hexadecimal digits expected"},
      {"bytes[]", "bytes[+0]", "line 9 column 16: pairs of hexadecimal digits expected"},
      {"bytes[]", "elided(4000000000 0123456789abcdef)", "line 9 column 10: no weights of 4000000000 bytes with hash 0123456789abcdef are given"},
      {"bytes[]", "elided(4 0123)", "line 9 column 19: a hash of 16 hexadecimal digits expected"},
      {"bytes[]", "bytes[00]", "buffer 0 must be there and empty"},
      {"(%0, %1)", "(%0, %2)", "graph 0 node 0 ADD: input 1: value 2 \"sum\" is computed later, by node 0 ADD"},
      {kSmall, "tulle 1\ngraph", "line 2 column 6: an integer expected, not the end of the text"},
      {kSmall, "", "line 1 column 1: \"tulle\" expected, not the end of the text"},
  };
  for (const auto& c : cases) {
    const Result<Model> model = parse(edited(c.from, c.to));
    EXPECT_EQ(model ? "" : model.error().message, c.message) << c.from << " -> " << c.to;
  }
}

TEST(Text, BlanksAndOrderDoNotMatter) {
  const Result<Model> model = parse(
      "# a comment\n\n tulle\t1 # more\r\nbuffer 0 bytes[ # nothing\n]\nbuffer 1\tbytes[0000 803f\n00002040]\n\n"
      "graph 0 \"add\" outputs=[ %2 ]\n inputs = [%0,]\n");
  EXPECT_FALSE(model);  // a field on a line of its own is no field
  const Result<Model> good = parse(
      "# a comment\n\n tulle\t1 # more\r\nbuffer 0 bytes[ # nothing\n]\nbuffer 1\tbytes[0000 803f\n00002040]\n\n"
      "graph 0 \"add\" outputs=[ %2 ] inputs = [%0\n,]\n%2 \"sum\":f32[2]=ADD(%0,%1)AddOptions{fused_activation_function=NONE}\n"
      "%1 \"c\":f32[2]buffer=1\n%0\"x\":f32[2]");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(print(*good, Weights::kInline), kSmall);
}

/// However a text is damaged, parse answers; and what it takes for a model is one, which prints and parses again.
TEST(Text, Mutants) {
  std::mt19937 random(7);
  const std::string whole = print(everything(), Weights::kInline);
  constexpr std::string_view kPieces[] = {"(", ")", "[", "]", "{", "}", ",", "=", ":", "\"", "'", "\\", "#", "\n", "-", "%", "%1", "?", "nan7fc00000",
                                          "4000000000", "-1", "0", "1e39", "bytes[", "graph 2 \"g\"\n", "= ADD ()\n", "elided(8 0000000000000000)", "\x80", " "};
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = whole;
    for (size_t edits = 1 + below(4); edits > 0; --edits) {
      const size_t at = below(text.size()), length = std::min(below(2) == 0 ? 1 : below(60), text.size() - at);
      switch (below(4)) {
        case 0: text.erase(at, length); break;
        case 1: text.insert(at, kPieces[below(std::size(kPieces))]); break;
        case 2: text.insert(below(text.size()), text.substr(at, length)); break;
        default: text[at] = static_cast<char>(random()); break;
      }
      if (text.empty()) text = whole;
    }
    const Result<Model> model = parse(text);
    if (!model) continue;
    ++accepted;
    const std::string again = print(*model, Weights::kInline);
    const Result<Model> back = parse(again);
    ASSERT_TRUE(back) << back.error().message << "\n" << text;
    ASSERT_EQ(print(*back, Weights::kInline), again);
  }
  EXPECT_GT(accepted, 100);
}

/// Nesting and repetition cost no stack and no more than their size.
TEST(Text, LargeAndDeep) {
  for (const char* piece : {"(", "[", "{", "=", ",", "%0 ", "\"\"", "-", "q(", "= ADD () ", "bytes[", "?"}) {
    std::string text = "tulle 1\ngraph 0 \"\"\n";
    for (int i = 0; i < 200000; ++i) text += piece;
    EXPECT_FALSE(parse(text)) << piece;
  }
  std::string text = "tulle 1\nbuffer 0 bytes[]\ngraph 0 \"\"\n";
  for (int i = 0; i < 100000; ++i) text += "%" + std::to_string(i) + "\"\":i8[]\n";
  const Result<Model> model = parse(text);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->graphs[0].values.size(), 100000u);
}

TEST(Text, RealModels) {
  const char* shared = std::getenv("TULLE_SHARED");
  const std::filesystem::path models = std::filesystem::path(shared != nullptr ? shared : TULLE_SOURCE_DIR "/../shared") / "models";
  if (!std::filesystem::exists(models)) GTEST_SKIP() << "no models at " << models;
  int count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(models)) {
    if (file.path().extension() != ".tflite") continue;
    SCOPED_TRACE(file.path().string());
    const auto model = tflite::load(file.path());
    ASSERT_TRUE(model) << model.error().message;
    expect_round_trip(**model);
    ++count;
  }
  EXPECT_GT(count, 0);
}

/// The example of the documentation is what print gives for it.
TEST(Text, DocumentedExample) {
  std::ifstream file(TULLE_SOURCE_DIR "/docs/text-form.md");
  std::stringstream document;
  document << file.rdbuf();
  const std::string page = document.str();
  const size_t begin = page.find("```tulle\n"), end = page.find("```", begin + 9);
  ASSERT_NE(end, page.npos);
  const std::string example = page.substr(begin + 9, end - begin - 9);
  const Result<Model> model = parse(example);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(print(*model, Weights::kInline), example);
}

}  // namespace
}  // namespace tulle
