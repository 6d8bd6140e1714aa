// What .tflite files hold survives reading and writing.
#include "formats/tflite.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/file_map.h"
#include "formats/tflite_node.h"
#include "tflite_models.h"

namespace tulle::tflite {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

Result<Model> read_copy(const Bytes& bytes) {
  const auto owner = std::make_shared<const Bytes>(bytes);
  return read(*owner, owner);
}

/// Writes, reads and writes again, with constants among the tables and behind them.
void expect_round_trip(const Model& model) {
  for (const size_t most_inside : {kMostInside, size_t{0}}) {
    const auto written = write(model, most_inside);
    ASSERT_TRUE(written) << written.error().message;
    const auto again = read_copy(*written);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(*again == model) << "most_inside " << most_inside;
    EXPECT_EQ(write(*again, most_inside).value(), *written);
  }
}

TEST(Tflite, SharedModels) {
  const auto paths = shared_models();
  if (paths.empty()) GTEST_SKIP() << kNoSharedModels;
  for (const fs::path& path : paths) {
    SCOPED_TRACE(path);
    const auto model = load(path);
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_FALSE((*model)->graphs.at(0).nodes.empty());
    expect_round_trip(**model);
  }
}

TEST(Tflite, HandModels) {
  for (const auto& [name, model] : hand_models()) {
    SCOPED_TRACE(name);
    expect_round_trip(model);
  }
}

TEST(Tflite, HandModelsCoverTheSchema) {
  std::set<int32_t> codes;
  std::set<std::string> tables;
  std::set<DType> types;
  for (const auto& [name, model] : hand_models())
    for (const Graph& graph : model.graphs) {
      for (const Node& node : graph.nodes) codes.insert(node.op), tables.insert(node.attributes.table);
      for (const Value& value : graph.values) types.insert(value.dtype);
    }
  EXPECT_EQ(codes.size(), size_t{kBuiltinCount});
  EXPECT_EQ(types.size(), size_t{kDTypeCount});
  // The members of both unions, and the empty name.
  EXPECT_EQ(tables.size(), size_t{126 + 23 + 1});
}

/// The file as the generated accessors see it: what reader and writer agree on must also be right.
TEST(Tflite, WrittenFieldsAreWhereTheSchemaSays) {
  const auto bytes = write(dense_model());
  ASSERT_TRUE(bytes);
  const fbs::Model& model = *fbs::GetModel(bytes->data());
  EXPECT_TRUE(fbs::ModelBufferHasIdentifier(bytes->data()));
  EXPECT_EQ(model.version(), 3u);
  ASSERT_EQ(model.operator_codes()->size(), 2u);
  const auto& code = *model.operator_codes()->Get(0);
  EXPECT_EQ(code.deprecated_builtin_code(), 9);
  EXPECT_EQ(code.builtin_code(), fbs::BuiltinOperator::FULLY_CONNECTED);
  EXPECT_EQ(code.version(), 4);
  const auto& graph = *model.subgraphs()->Get(0);
  const auto* options = graph.operators()->Get(0)->builtin_options_as_FullyConnectedOptions();
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->fused_activation_function(), fbs::ActivationFunctionType::RELU);
  EXPECT_EQ(options->quantized_bias_type(), fbs::TensorType::INT32);
  const auto& weights = *graph.tensors()->Get(1);
  EXPECT_EQ(weights.name()->str(), "weights");
  EXPECT_EQ(weights.quantization()->scale()->Get(2), 0.3f);
  const auto* data = model.buffers()->Get(weights.buffer())->data();
  ASSERT_EQ(data->size(), 12u);
  EXPECT_EQ(data->Get(3), 22);
  for (const auto* buffer : *model.buffers())
    if (buffer->data() != nullptr) {
      EXPECT_EQ((buffer->data()->data() - reinterpret_cast<const uint8_t*>(bytes->data())) % 16, 0);
    }
  EXPECT_EQ(graph.tensors()->Get(0)->shape_signature()->Get(0), -1);
}

TEST(Tflite, OptionsOfBothUnions) {
  const auto bytes = write(options_model(Fill::kOther));
  ASSERT_TRUE(bytes);
  const auto& operators = *fbs::GetModel(bytes->data())->subgraphs()->Get(0)->operators();
  const auto* conv = operators.Get(0)->builtin_options_as_Conv2DOptions();
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(conv->padding(), fbs::Padding::VALID);
  EXPECT_EQ(conv->stride_w(), 3);
  EXPECT_EQ(conv->dilation_h_factor(), 4);
  int gathers = 0;
  for (const auto* op : operators)
    if (const auto* gather = op->builtin_options_2_as_StablehloGatherOptions()) {
      ++gathers;
      EXPECT_EQ(gather->slice_sizes()->Get(1), -4);
      EXPECT_EQ(gather->index_vector_dim(), 3);
      EXPECT_TRUE(gather->indices_are_sorted());
      EXPECT_EQ(op->builtin_options_type(), fbs::BuiltinOptions::NONE);
    }
  EXPECT_EQ(gathers, 1);
}

TEST(Tflite, CodesOfBothColumns) {
  const auto bytes = write(codes_model());
  ASSERT_TRUE(bytes);
  const auto& codes = *fbs::GetModel(bytes->data())->operator_codes();
  ASSERT_EQ(codes.size(), uint32_t{kBuiltinCount});
  for (uint32_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(codes.Get(i)->deprecated_builtin_code(), static_cast<int>(std::min(i, 127u)));
    EXPECT_EQ(static_cast<uint32_t>(codes.Get(i)->builtin_code()), i);
  }
}

TEST(Tflite, CodesAreWrittenOnce) {
  Model model = model_with_input();
  Graph& graph = model.graphs[0];
  const auto add = [&](int32_t op, int32_t version, std::string custom) {
    Node& node = add_node(graph, op, {0}, {add_value(graph, "", DType::kFloat32, {1, 4})});
    node.version = version;
    node.custom = std::move(custom);
  };
  add(28, 1, ""), add(28, 2, ""), add(32, 1, "A"), add(32, 1, "B"), add(28, 1, ""), add(32, 1, "A");
  const auto bytes = write(model);
  ASSERT_TRUE(bytes) << bytes.error().message;
  const fbs::Model& file = *fbs::GetModel(bytes->data());
  EXPECT_EQ(file.operator_codes()->size(), 4u);
  std::vector<uint32_t> used;
  for (const auto* op : *file.subgraphs()->Get(0)->operators()) used.push_back(op->opcode_index());
  EXPECT_EQ(used, (std::vector<uint32_t>{0, 1, 2, 3, 0, 2}));
}

/// A good file, changed as a table of the generated object form, and written by FlatBuffers itself.
template <class Change>
Bytes changed(const Model& model, Change change) {
  const auto bytes = write(model);
  auto tables = fbs::UnPackModel(bytes->data());
  change(*tables);
  flatbuffers::FlatBufferBuilder builder;
  fbs::FinishModelBuffer(builder, fbs::Model::Pack(builder, tables.get()));
  const auto span = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  return {span.begin(), span.end()};
}

TEST(Tflite, UnknownDimensionsInTheShapeGoToTheSignature) {
  const auto model = read_copy(changed(dense_model(), [](fbs::ModelT& file) {
    auto& tensors = file.subgraphs[0]->tensors;
    tensors[0]->shape = {-1, 4};
    tensors[0]->shape_signature = {};
    tensors[3]->shape = {-1, 3};
    tensors[3]->shape_signature = {7, -1};
    tensors[4]->shape_signature = {};
  }));
  ASSERT_TRUE(model) << model.error().message;
  const auto& values = model->graphs[0].values;
  EXPECT_EQ(values[0].shape, (Shape{1, 4}));
  EXPECT_EQ(values[0].signature, (Shape{kUnknown, 4}));
  EXPECT_EQ(values[3].shape, (Shape{1, 3}));
  EXPECT_EQ(values[3].signature, (Shape{kUnknown, kUnknown}));
  EXPECT_FALSE(values[4].signature);
}

TEST(Tflite, OldFilesHaveCodesInOneByte) {
  const auto model = read_copy(changed(dense_model(), [](fbs::ModelT& file) {
    for (auto& code : file.operator_codes) code->builtin_code = fbs::BuiltinOperator::ADD;
  }));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(op_name(model->graphs[0].nodes[0]), "FULLY_CONNECTED");
  EXPECT_EQ(op_name(model->graphs[0].nodes[1]), "RELU6");
}

TEST(Tflite, EmptyQuantizationIsNone) {
  const auto model = read_copy(changed(dense_model(), [](fbs::ModelT& file) {
    file.subgraphs[0]->tensors[0]->quantization = std::make_unique<fbs::QuantizationParametersT>();
  }));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->graphs[0].values[0].quantization, nullptr);
}

TEST(Tflite, OptionalPartsMayBeAbsent) {
  flatbuffers::FlatBufferBuilder builder;
  const auto tensor = fbs::CreateTensor(builder);
  const auto op = fbs::CreateOperator(builder);
  const auto graph = fbs::CreateSubGraph(builder, builder.CreateVector(&tensor, 1), 0, 0, builder.CreateVector(&op, 1));
  const auto code = fbs::CreateOperatorCode(builder);
  fbs::FinishModelBuffer(builder,
                         fbs::CreateModel(builder, 3, builder.CreateVector(&code, 1), builder.CreateVector(&graph, 1)));
  const auto span = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  const auto model = read_copy({span.begin(), span.end()});
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_EQ(model->buffers.size(), 1u);
  EXPECT_TRUE(model->buffers[0].bytes.empty());
  EXPECT_EQ(model->graphs[0].values[0], Value{});
  EXPECT_EQ(model->graphs[0].nodes[0], Node{});
  expect_round_trip(*model);
}

TEST(Tflite, BytesAtAnyAddress) {
  const Model model = dense_model();
  const auto bytes = write(model);
  ASSERT_TRUE(bytes);
  for (size_t shift = 1; shift < 16; shift += 5) {
    const auto owner = std::make_shared<Bytes>(shift);
    owner->insert(owner->end(), bytes->begin(), bytes->end());
    const auto again = read(std::span(*owner).subspan(shift), owner);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(*again == model);
  }
}

TEST(Tflite, WeightsAreViews) {
  const auto bytes = write(dense_model());
  ASSERT_TRUE(bytes);
  const auto owner = std::make_shared<const Bytes>(*bytes);
  const auto model = read(*owner, owner);
  ASSERT_TRUE(model);
  const auto weights = model->data(model->graphs[0].values[1]);
  EXPECT_GE(weights.data(), owner->data());
  EXPECT_LE(weights.data() + weights.size(), owner->data() + owner->size());
}

TEST(Tflite, ConstantsOutOfPlaceAreMovedInPlace) {
  Model model = dense_model();
  auto bytes = write(model, 0).value();
  // The bias, four-byte integers, moves one byte further, behind everything else.
  const fbs::Model& file = *fbs::GetModel(bytes.data());
  const uint32_t bias = file.subgraphs()->Get(0)->tensors()->Get(2)->buffer();
  const auto* buffer = file.buffers()->Get(bias);
  const Bytes data(bytes.begin() + static_cast<ptrdiff_t>(buffer->offset()),
                   bytes.begin() + static_cast<ptrdiff_t>(buffer->offset() + buffer->size()));
  bytes.resize((bytes.size() + 15) / 16 * 16 + 1);
  auto* table = reinterpret_cast<flatbuffers::Table*>(
      const_cast<fbs::Buffer*>(fbs::GetModel(bytes.data())->buffers()->Get(bias)));
  ASSERT_TRUE(table->SetField<uint64_t>(fbs::Buffer::VT_OFFSET, bytes.size()));
  bytes.insert(bytes.end(), data.begin(), data.end());
  const auto again = read_copy(bytes);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(reinterpret_cast<uintptr_t>(again->data(again->graphs[0].values[2]).data()) % 4, 0u);
  EXPECT_TRUE(*again == model);
}

TEST(Tflite, NegativeZeroAndNanSurvive) {
  Model model = model_with_input();
  Graph& graph = model.graphs[0];
  add_node(graph, 25, {0}, {add_value(graph, "", DType::kFloat32, {1, 4})}).attributes = {"SoftmaxOptions",
                                                                                          {{"beta", -0.0f}}};
  add_node(graph, 25, {0}, {add_value(graph, "", DType::kFloat32, {1, 4})}).attributes = {"SoftmaxOptions",
                                                                                          {{"beta", std::nanf("1")}}};
  const auto again = read_copy(write(model).value());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(std::signbit(again->graphs[0].nodes[0].attributes.real("beta", 1)));
  EXPECT_TRUE(std::isnan(again->graphs[0].nodes[1].attributes.real("beta", 1)));
}

struct Refusal {
  const char* what;
  void (*change)(Attributes&);
  const char* message;
};

TEST(Tflite, WriterRefusesWhatTablesCannotHold) {
  const Refusal refusals[] = {
      {"table", [](Attributes& a) { a.table = "Conv9DOptions"; }, "there is no options table \"Conv9DOptions\""},
      {"no table", [](Attributes& a) { a.table = ""; }, "options without the name of their table: \"padding\""},
      {"field", [](Attributes& a) { a.set("paddding", true); }, "Conv2DOptions has no field \"paddding\""},
      {"enumerator", [](Attributes& a) { a.set("padding", Symbol{"FULL"}); },
       "padding of Conv2DOptions: \"FULL\" is no Padding"},
      {"type", [](Attributes& a) { a.set("stride_w", 2.0f); },
       "stride_w of Conv2DOptions: the value is of another type"},
      {"range", [](Attributes& a) { a.set("stride_w", int64_t{1} << 31); },
       "stride_w of Conv2DOptions: 2147483648 does not fit its field"},
      {"twice", [](Attributes& a) { a.entries.push_back(a.entries[0]); }, "padding is given twice"},
  };
  for (const Refusal& refusal : refusals) {
    Model model = model_with_input();
    Graph& graph = model.graphs[0];
    Attributes& attributes = add_node(graph, 3, {0}, {add_value(graph, "", DType::kFloat32, {1, 4})}).attributes;
    attributes = {"Conv2DOptions", {{"padding", Symbol{"SAME"}}}};
    refusal.change(attributes);
    const auto written = write(model);
    ASSERT_FALSE(written) << refusal.what;
    EXPECT_EQ(written.error().message, std::string("graph 0 node 0 CONV_2D: ") + refusal.message);
  }
}

TEST(Tflite, LoadNamesTheFile) {
  const auto missing = load("/nowhere/model.tflite");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  const fs::path path = fs::temp_directory_path() / "tulle_tflite_test.tflite";
  std::ofstream(path) << "GIF89a, not a model";
  const auto wrong = load(path);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message,
            path.string() + ": not a TensorFlow Lite file: \"9a, \" at byte 4 instead of \"TFL3\"");
  fs::remove(path);
}

}  // namespace
}  // namespace tulle::tflite
