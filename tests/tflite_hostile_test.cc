// Bytes that are no good model: an error that says where, nothing else, and little memory.
#include <functional>

#include "bounded_read.h"
#include "tflite_generated.h"
#include "tflite_models.h"

namespace tulle::tflite {
namespace {

using Bytes = std::vector<std::byte>;

std::string message(std::span<const std::byte> bytes) {
  const auto model = read_bounded(bytes);
  return model ? "" : model.error().message;
}

Bytes finish(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<fbs::Model> model) {
  fbs::FinishModelBuffer(builder, model);
  const auto span = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  return {span.begin(), span.end()};
}

TEST(Hostile, NotAModel) {
  EXPECT_EQ(message({}), "not a TensorFlow Lite file: 0 bytes, at least 8 are needed");
  alignas(16) const unsigned char header[] = {0x18, 0, 0, 0, 0x54, 0x46, 0x4C, 0x33};
  EXPECT_EQ(message(std::as_bytes(std::span(header))),
            "the file, of 8 bytes, is damaged or cut short: the model lies outside the file");
  alignas(16) const char text[] = "a text of some length";
  EXPECT_EQ(message(std::as_bytes(std::span(text))),
            "not a TensorFlow Lite file: \"xt o\" at byte 4 instead of \"TFL3\"");
}

TEST(Hostile, DamageNamesThePlace) {
  Bytes bytes = write(dense_model()).value();
  const auto* name = fbs::GetModel(bytes.data())->subgraphs()->Get(0)->tensors()->Get(1)->name();
  const auto at = reinterpret_cast<const std::byte*>(name) - bytes.data();
  bytes[static_cast<size_t>(at) + 3] = std::byte{0x70};
  EXPECT_EQ(message(bytes), "the file, of " + std::to_string(bytes.size()) +
                                " bytes, is damaged or cut short: subgraphs[0].tensors[1].name is no string");
}

// ---- One thing wrong in a good model.

struct Break {
  const char* what;
  std::function<Model()> base;
  std::function<void(fbs::ModelT&)> change;
  const char* message;  ///< part of what the error says
};

fbs::TensorT& tensor(fbs::ModelT& model, size_t i) { return *model.subgraphs[0]->tensors[i]; }
fbs::OperatorT& op(fbs::ModelT& model, size_t i) { return *model.subgraphs[0]->operators[i]; }

const Break kBreaks[] = {
    {"version", dense_model, [](auto& m) { m.version = 4; }, "schema version 4, only 3 is supported"},
    {"no graphs", dense_model, [](auto& m) { m.subgraphs.clear(); }, "the model has no graph"},
    {"element type", dense_model, [](auto& m) { tensor(m, 1).type = fbs::TensorType{99}; },
     "graph 0 value 1 \"weights\": element type 99 is not known"},
    {"element type below 0", dense_model, [](auto& m) { tensor(m, 1).type = fbs::TensorType{-1}; },
     "graph 0 value 1 \"weights\": element type -1 is not known"},
    {"rank", dense_model, [](auto& m) { tensor(m, 0).shape.assign(200, 1); },
     "graph 0 value 0 \"input\": shape: the rank is 200, at most 8 is supported"},
    {"negative dimension", dense_model, [](auto& m) { tensor(m, 0).shape = {1, -5}; },
     "graph 0 value 0 \"input\": shape: dimension 1 is -5"},
    {"elements", dense_model, [](auto& m) { tensor(m, 3).shape = {65536, 65536}; },
     "graph 0 value 3 \"dense\": shape [65536,65536]"},
    {"elements past 64 bits", dense_model, [](auto& m) { tensor(m, 3).shape.assign(8, 0x7FFFFFFF); },
     "graph 0 value 3 \"dense\": shape"},
    {"size of a constant past 64 bits", dense_model, [](auto& m) { tensor(m, 1).shape.assign(8, 0x7FFFFFFF); },
     "graph 0 value 1 \"weights\": shape"},
    {"signature rank", dense_model, [](auto& m) { tensor(m, 3).shape_signature = {1, -1, 3}; },
     "graph 0 value 3 \"dense\": "},
    {"signature rank of an unknown shape", dense_model,
     [](auto& m) {
       tensor(m, 0).shape = {-1, 4};
       tensor(m, 0).shape_signature = {-1};
     },
     "graph 0 value 0 \"input\": shape has 2 dimensions, shape_signature 1"},
    {"signature dimension", dense_model, [](auto& m) { tensor(m, 0).shape_signature = {-2, 4}; },
     "graph 0 value 0 \"input\": shape_signature: dimension 0 is -2"},
    {"buffer index", dense_model, [](auto& m) { tensor(m, 1).buffer = 1000; },
     "graph 0 value 1 \"weights\": its data is buffer 1000"},
    {"buffer 0", dense_model, [](auto& m) { m.buffers[0]->data = {1}; }, "buffer 0 must be there and empty"},
    {"short constant", dense_model, [](auto& m) { m.buffers[1]->data.pop_back(); },
     "graph 0 value 1 \"weights\": buffer 1 has 11 bytes, int8 [3,4] takes 12"},
    {"long constant", dense_model, [](auto& m) { m.buffers[2]->data.push_back(0); },
     "graph 0 value 2 \"bias\": buffer 2 has 13 bytes, int32 [3] takes 12"},
    {"constant inside and outside", dense_model, [](auto& m) { m.buffers[1]->offset = m.buffers[1]->size = 16; },
     "buffer 1: 12 bytes in the tables and 16 outside"},
    {"constant behind the end", dense_model,
     [](auto& m) {
       m.buffers[1]->data.clear();
       m.buffers[1]->offset = 1 << 20, m.buffers[1]->size = 12;
     },
     "buffer 1: 12 bytes at offset 1048576, the file has"},
    {"offset that overflows", dense_model,
     [](auto& m) {
       m.buffers[1]->data.clear();
       m.buffers[1]->offset = UINT64_MAX - 8, m.buffers[1]->size = 16;
     },
     "buffer 1: 16 bytes at offset 18446744073709551607"},
    {"size that overflows", dense_model,
     [](auto& m) {
       m.buffers[1]->data.clear();
       m.buffers[1]->offset = 16, m.buffers[1]->size = UINT64_MAX - 8;
     },
     "buffer 1: 18446744073709551607 bytes at offset 16"},
    {"operator code index", dense_model, [](auto& m) { op(m, 1).opcode_index = 7; },
     "graph 0 node 1: operator code 7, the model has 2"},
    {"builtin code", dense_model, [](auto& m) { m.operator_codes[1]->builtin_code = fbs::BuiltinOperator{210}; },
     "operator code 1: builtin operator 210 is not known"},
    {"builtin code below 0", dense_model,
     [](auto& m) {
       m.operator_codes[1]->deprecated_builtin_code = -3;
       m.operator_codes[1]->builtin_code = fbs::BuiltinOperator{-7};
     },
     "operator code 1: builtin operator -3 is not known"},
    {"custom operator without a name", control_model, [](auto& m) { m.operator_codes[1]->custom_code.clear(); },
     "operator code 1: a custom operator without a name"},
    {"input index", dense_model, [](auto& m) { op(m, 0).inputs[1] = 1000; },
     "graph 0 node 0 FULLY_CONNECTED: input 1 is value 1000"},
    {"input index below -1", dense_model, [](auto& m) { op(m, 0).inputs[1] = -2; },
     "graph 0 node 0 FULLY_CONNECTED: input 1 is value -2"},
    {"output index", dense_model, [](auto& m) { op(m, 0).outputs[0] = 5; },
     "graph 0 node 0 FULLY_CONNECTED: output 0 is value 5"},
    {"intermediate index", dense_model, [](auto& m) { op(m, 0).intermediates = {1 << 30}; },
     "graph 0 node 0 FULLY_CONNECTED: intermediate 0 is value 1073741824"},
    {"marks of changed inputs", dense_model, [](auto& m) { op(m, 0).mutating_variable_inputs = {true}; },
     "graph 0 node 0 FULLY_CONNECTED: 1 marks of changed inputs"},
    {"computed twice", dense_model, [](auto& m) { op(m, 1).outputs[0] = 3; },
     "graph 0 node 1 RELU6: output 0 is value 3"},
    {"constant computed", dense_model, [](auto& m) { op(m, 1).outputs[0] = 1; },
     "graph 0 node 1 RELU6: output 0 is value 1"},
    {"read before it is computed", dense_model, [](auto& m) { op(m, 0).inputs[0] = 4; },
     "graph 0 node 0 FULLY_CONNECTED: input 0: value 4 \"output\" is computed later"},
    {"never computed", dense_model, [](auto& m) { m.subgraphs[0]->operators.pop_back(); },
     "graph 0 output 0: value 4 \"output\""},
    {"graph input index", dense_model, [](auto& m) { m.subgraphs[0]->inputs = {-1}; }, "graph 0 input 0 is value -1"},
    {"graph output index", dense_model, [](auto& m) { m.subgraphs[0]->outputs = {5}; }, "graph 0 output 0 is value 5"},
    {"signature value", dense_model, [](auto& m) { m.signature_defs[0]->inputs[0]->tensor_index = 100; },
     "signature \"serving_default\": input \"x\" is value 100"},
    {"signature graph", dense_model, [](auto& m) { m.signature_defs[0]->subgraph_index = 1; },
     "signature \"serving_default\": "},
    {"metadata buffer", dense_model, [](auto& m) { m.metadata[0]->buffer = 50; },
     "metadata \"min_runtime_version\": buffer 50"},
    {"old metadata buffer", dense_model, [](auto& m) { m.metadata_buffer = {-1}; }, "metadata in buffer -1"},
    {"enumerator", dense_model,
     [](auto& m) {
       op(m, 0).builtin_options.AsFullyConnectedOptions()->fused_activation_function = fbs::ActivationFunctionType{77};
     },
     "graph 0 node 0 FULLY_CONNECTED: fused_activation_function of FullyConnectedOptions: 77 is no "
     "ActivationFunctionType"},
    {"options of both unions", dense_model, [](auto& m) { op(m, 0).builtin_options_2.Set(fbs::DilateOptionsT()); },
     "graph 0 node 0 FULLY_CONNECTED: options in both unions"},
    {"format of custom options", control_model,
     [](auto& m) { op(m, 1).custom_options_format = fbs::CustomOptionsFormat{3}; },
     "graph 0 node 1 \"Accumulate\": custom options: the format 3 is not known"},
    {"custom options inside and outside", control_model,
     [](auto& m) { op(m, 1).large_custom_options_offset = op(m, 1).large_custom_options_size = 8; },
     "graph 0 node 1 \"Accumulate\": custom options: both inside and outside"},
    {"custom options behind the end", control_model,
     [](auto& m) {
       op(m, 1).custom_options.clear();
       op(m, 1).large_custom_options_offset = 8, op(m, 1).large_custom_options_size = UINT64_MAX;
     },
     "graph 0 node 1 \"Accumulate\": custom options: 18446744073709551615 bytes at offset 8"},
    {"axis", quantized_model, [](auto& m) { tensor(m, 3).quantization->quantized_dimension = 2; },
     "graph 0 value 3 \"per axis\": quantization: 3 scales along dimension 2"},
    {"scales", quantized_model, [](auto& m) { tensor(m, 3).quantization->scale.push_back(1); },
     "graph 0 value 3 \"per axis\": quantization: "},
    {"blockwise scales", quantized_model,
     [](auto& m) { tensor(m, 7).quantization->details.AsBlockwiseQuantization()->scales = 100; },
     "graph 0 value 7 \"blockwise\": quantization: the scales are value 100"},
    {"blockwise zero points", quantized_model,
     [](auto& m) { tensor(m, 7).quantization->details.AsBlockwiseQuantization()->zero_points = -2; },
     "graph 0 value 7 \"blockwise\": quantization: the zero points are value -2"},
    {"block size", quantized_model,
     [](auto& m) { tensor(m, 7).quantization->details.AsBlockwiseQuantization()->block_size = 0; },
     "graph 0 value 7 \"blockwise\": quantization: the block size is 0"},
    {"axes", quantized_model,
     [](auto& m) { tensor(m, 9).quantization->details.AsMultiAxisQuantization()->quantized_dimensions = {0, 9}; },
     "graph 0 value 9 \"multi-axis\": quantization: axes"},
    {"format of a sparse dimension", quantized_model,
     [](auto& m) { tensor(m, 10).sparsity->dim_metadata[1]->format = fbs::DimensionType{9}; },
     "graph 0 value 10 \"sparse with 32 bits\": sparsity: dimension 1: format 9 is not known"},
    {"traversal order", quantized_model, [](auto& m) { tensor(m, 10).sparsity->traversal_order = {0, 1000000}; },
     "graph 0 value 10 \"sparse with 32 bits\": sparsity: "},
    {"sparse dimensions", quantized_model, [](auto& m) { tensor(m, 10).sparsity->dim_metadata.clear(); },
     "graph 0 value 10 \"sparse with 32 bits\": sparsity: "},
    {"sparse index", quantized_model,
     [](auto& m) { tensor(m, 10).sparsity->dim_metadata[1]->array_indices.AsInt32Vector()->values[2] = -1; },
     "graph 0 value 10 \"sparse with 32 bits\": sparsity: level 1: index 2 is -1"},
    {"sparse segments", quantized_model,
     [](auto& m) { tensor(m, 11).sparsity->dim_metadata[1]->array_segments.AsUint16Vector()->values[1] = 65535; },
     "graph 0 value 11 \"sparse with 16 bits\": sparsity: level 1: segments"},
    {"dense size", quantized_model, [](auto& m) { tensor(m, 12).sparsity->dim_metadata[0]->dense_size = 0x7FFFFFFF; },
     "graph 0 value 12 \"sparse with 8 bits\": sparsity: level 0: dense size"},
    {"variant rank", types_model,
     [](auto& m) {
       for (auto& t : m.subgraphs[0]->tensors)
         if (!t->variant_tensors.empty()) t->variant_tensors[1]->shape.assign(9, 1);
     },
     "variant 1: shape: the rank is 9"},
    {"external buffer", control_model, [](auto& m) { tensor(m, 3).external_buffer = 8; },
     "graph 0 value 3 \"elsewhere\": external buffer 8 does not exist"},
    {"external group", control_model, [](auto& m) { m.external_buffers[0]->group = 1; }, "external buffer 7: group 1"},
    {"graph to call", control_model, [](auto& m) { op(m, 0).builtin_options.AsIfOptions()->then_subgraph_index = 3; },
     "graph 0 node 0 IF: calls graph 3"},
    {"graph that calls itself", control_model,
     [](auto& m) { op(m, 0).builtin_options.AsIfOptions()->else_subgraph_index = 0; },
     "graph 0 node 0 IF: calls graph 0, which leads into a cycle"},
    {"graphs that call each other", control_model,
     [](auto& m) {
       fbs::WhileOptionsT loop;
       loop.cond_subgraph_index = loop.body_subgraph_index = 2;
       auto code = std::make_unique<fbs::OperatorCodeT>();
       code->builtin_code = fbs::BuiltinOperator::WHILE;
       m.operator_codes.push_back(std::move(code));
       const auto last = static_cast<uint32_t>(m.operator_codes.size() - 1);
       for (size_t g : {1, 2}) {
         auto& node = *m.subgraphs[g]->operators[0];
         node.opcode_index = last;
         loop.cond_subgraph_index = loop.body_subgraph_index = static_cast<int32_t>(3 - g);
         node.builtin_options.Set(loop);
       }
     },
     "which leads into a cycle"},
};

TEST(Hostile, OneThingWrong) {
  for (const Break& one : kBreaks) {
    SCOPED_TRACE(one.what);
    const Bytes good = write(one.base()).value();
    auto tables = fbs::UnPackModel(good.data());
    one.change(*tables);
    flatbuffers::FlatBufferBuilder builder;
    const Bytes bytes = finish(builder, fbs::Model::Pack(builder, tables.get()));
    EXPECT_NE(message(bytes).find(one.message), std::string::npos) << "the message is: " << message(bytes);
  }
}

TEST(Hostile, UnknownMembersOfUnions) {
  Bytes bytes = write(dense_model()).value();
  const auto set_type = [&](const void* table, flatbuffers::voffset_t field, uint8_t type) {
    auto* at =
        reinterpret_cast<flatbuffers::Table*>(bytes.data() + (static_cast<const std::byte*>(table) - bytes.data()));
    ASSERT_TRUE(at->SetField<uint8_t>(field, type));
  };
  set_type(fbs::GetModel(bytes.data())->subgraphs()->Get(0)->operators()->Get(0),
           fbs::Operator::VT_BUILTIN_OPTIONS_TYPE, 127);
  EXPECT_EQ(message(bytes), "graph 0 node 0 FULLY_CONNECTED: options table 127 is not known");

  bytes = write(quantized_model()).value();
  const auto tensors = [&] { return fbs::GetModel(bytes.data())->subgraphs()->Get(0)->tensors(); };
  set_type(tensors()->Get(12)->sparsity()->dim_metadata()->Get(1), fbs::DimensionMetadata::VT_ARRAY_INDICES_TYPE, 4);
  EXPECT_EQ(message(bytes),
            "graph 0 value 12 \"sparse with 8 bits\": sparsity: dimension 1: indices: an index vector of kind 4 is not "
            "known");
  set_type(tensors()->Get(4)->quantization(), fbs::QuantizationParameters::VT_DETAILS_TYPE, 4);
  EXPECT_EQ(message(bytes), "graph 0 value 4 \"custom\": quantization: details of kind 4 are not known");
}

// ---- Small files that unfold.

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

/// `count` times the same table.
template <class T>
Offset<flatbuffers::Vector<Offset<T>>> repeated(FlatBufferBuilder& builder, Offset<T> one, size_t count) {
  return builder.CreateVector(std::vector<Offset<T>>(count, one));
}

/// A model of one graph whose `count` tensors are all the one given.
Bytes tensors_file(FlatBufferBuilder& builder, Offset<fbs::Tensor> tensor, size_t count) {
  const auto graph = fbs::CreateSubGraph(builder, repeated(builder, tensor, count));
  return finish(builder, fbs::CreateModel(builder, 3, 0, builder.CreateVector(&graph, 1)));
}

TEST(Hostile, SharedParts) {
  const std::vector<uint8_t> many(1 << 16, 1);
  const std::vector<int64_t> longs(1 << 13, 1);
  const struct {
    const char* what;
    std::function<Bytes(FlatBufferBuilder&)> build;
    const char* message;
  } bombs[] = {
      {"tables of tables",
       [](auto& b) {
         const auto tensor = fbs::CreateTensor(b);
         const auto graph = fbs::CreateSubGraph(b, repeated(b, tensor, 20000));
         return finish(b, fbs::CreateModel(b, 3, 0, repeated(b, graph, 20000)));
       },
       "is one table more than the file has room for"},
      {"one table", [](auto& b) { return tensors_file(b, fbs::CreateTensor(b), 100000); }, "shared parts unfold"},
      {"a name",
       [](auto& b) {
         return tensors_file(b, fbs::CreateTensor(b, 0, {}, 0, b.CreateString(std::string(1 << 16, 'n'))), 1000);
       },
       "shared parts unfold"},
      {"scales",
       [&](auto& b) {
         return tensors_file(
             b, fbs::CreateTensor(b, 0, {}, 0, 0, fbs::CreateQuantizationParameters(b, 0, 0, 0, b.CreateVector(longs))),
             1000);
       },
       "shared parts unfold"},
      {"narrow indices",
       [&](auto& b) {
         const auto vector = fbs::CreateUint8Vector(b, b.CreateVector(many)).Union();
         const auto dimension = fbs::CreateDimensionMetadata(b, {}, 0, fbs::SparseIndexVector::Uint8Vector, vector);
         const auto sparsity = fbs::CreateSparsityParameters(b, 0, 0, repeated(b, dimension, 1000));
         return tensors_file(b, fbs::CreateTensor(b, 0, {}, 0, 0, 0, false, sparsity), 1);
       },
       "shared parts unfold"},
      {"custom options",
       [&](auto& b) {
         const auto op = fbs::CreateOperator(b, 0, 0, 0, {}, 0, b.CreateVector(many));
         const auto code = fbs::CreateOperatorCode(b);
         const auto graph = fbs::CreateSubGraph(b, 0, 0, 0, repeated(b, op, 1000));
         return finish(b, fbs::CreateModel(b, 3, b.CreateVector(&code, 1), b.CreateVector(&graph, 1)));
       },
       "shared parts unfold"},
      {"custom options outside",
       [&](auto& b) {
         b.CreateVector(many);
         const auto op = fbs::CreateOperator(b, 0, 0, 0, {}, 0, 0, {}, 0, 0, 4, 1 << 16);
         const auto code = fbs::CreateOperatorCode(b);
         const auto graph = fbs::CreateSubGraph(b, 0, 0, 0, repeated(b, op, 1000));
         return finish(b, fbs::CreateModel(b, 3, b.CreateVector(&code, 1), b.CreateVector(&graph, 1)));
       },
       "shared parts unfold"},
      {"options",
       [&](auto& b) {
         const auto options =
             fbs::CreateStableHLOCompositeOptions(b, b.CreateString(std::string(1 << 16, 's')), 0, b.CreateVector(many))
                 .Union();
         const auto op = fbs::CreateOperator(b, 0, 0, 0, {}, 0, 0, {}, 0, 0, 0, 0,
                                             fbs::BuiltinOptions2::StableHLOCompositeOptions, options);
         const auto code = fbs::CreateOperatorCode(b);
         const auto graph = fbs::CreateSubGraph(b, 0, 0, 0, repeated(b, op, 1000));
         return finish(b, fbs::CreateModel(b, 3, b.CreateVector(&code, 1), b.CreateVector(&graph, 1)));
       },
       "shared parts unfold"},
      {"a name of a custom operator",
       [&](auto& b) {
         const auto code = fbs::CreateOperatorCode(b, 32, b.CreateString(std::string(1 << 16, 'c')));
         const auto graph = fbs::CreateSubGraph(b, 0, 0, 0, repeated(b, fbs::CreateOperator(b), 1000));
         return finish(b, fbs::CreateModel(b, 3, b.CreateVector(&code, 1), b.CreateVector(&graph, 1)));
       },
       "shared parts unfold"},
      {"constants",
       [&](auto& b) {
         const auto buffer = fbs::CreateBuffer(b, b.CreateVector(many));
         const auto graph = fbs::CreateSubGraph(b);
         return finish(b, fbs::CreateModel(b, 3, 0, b.CreateVector(&graph, 1), 0, repeated(b, buffer, 1000)));
       },
       "the constants are over 4 times the size of the file"},
      {"signatures",
       [](auto& b) {
         const auto entry = fbs::CreateTensorMap(b, b.CreateString(std::string(1000, 's')));
         const auto signature = fbs::CreateSignatureDef(b, repeated(b, entry, 10));
         const auto graph = fbs::CreateSubGraph(b);
         return finish(b,
                       fbs::CreateModel(b, 3, 0, b.CreateVector(&graph, 1), 0, 0, 0, 0, repeated(b, signature, 1000)));
       },
       "is one table more than the file has room for"},
  };
  for (const auto& bomb : bombs) {
    SCOPED_TRACE(bomb.what);
    FlatBufferBuilder builder;
    const Bytes bytes = bomb.build(builder);
    ASSERT_LT(bytes.size(), size_t{1} << 20);
    EXPECT_NE(message(bytes).find(bomb.message), std::string::npos) << "the message is: " << message(bytes);
  }
}

TEST(Hostile, LengthsOfVectors) {
  const Bytes good = write(dense_model()).value();
  const auto length_of = [](Bytes& bytes, const auto* vector) {
    return bytes.data() + (reinterpret_cast<const std::byte*>(vector) - bytes.data());
  };
  for (const uint32_t length : {0x7FFFFFFFu, 0xFFFFFFFFu, 0x20000000u, 0x10000u}) {
    Bytes tensors = good, scales = good, data = good;
    const auto* graph = fbs::GetModel(tensors.data())->subgraphs()->Get(0);
    std::memcpy(length_of(tensors, graph->tensors()), &length, 4);
    EXPECT_NE(message(tensors).find("subgraphs[0].tensors lies outside the file"), std::string::npos)
        << message(tensors);
    const auto* weights = fbs::GetModel(scales.data())->subgraphs()->Get(0)->tensors()->Get(1);
    std::memcpy(length_of(scales, weights->quantization()->scale()), &length, 4);
    EXPECT_NE(message(scales).find("subgraphs[0].tensors[1].quantization.scale lies outside the file"),
              std::string::npos);
    std::memcpy(length_of(data, fbs::GetModel(data.data())->buffers()->Get(1)->data()), &length, 4);
    EXPECT_NE(message(data).find("buffers[1].data lies outside the file"), std::string::npos) << message(data);
  }
}

// ---- Random changes.

}  // namespace
}  // namespace tulle::tflite
