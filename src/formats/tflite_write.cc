// Writes .tflite files: the tables, built from their leaves up, and what goes behind them.
#include <cstdint>
#include <cstring>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "formats/tflite.h"
#include "formats/tflite_node.h"
#include "formats/tflite_tables.h"
#include "formats/tflite_target.h"
#include "formats/tflite_value.h"
#include "graph/verify.h"

namespace tulle::tflite {
namespace {

using flatbuffers::Offset;

constexpr size_t kBufferAlignment = 16;
/// FlatBuffers counts offsets in 31 bits.
constexpr uint64_t kLargestTables = FLATBUFFERS_MAX_BUFFER_SIZE;

/// More bytes than an attribute takes in the file.
uint64_t bound(const Attribute& attribute) {
  uint64_t elements = 0;
  if (const auto* text = std::get_if<std::string>(&attribute)) elements = text->size();
  if (const auto* list = std::get_if<std::vector<bool>>(&attribute)) elements = list->size();
  if (const auto* list = std::get_if<std::vector<int64_t>>(&attribute)) elements = list->size();
  if (const auto* list = std::get_if<std::vector<float>>(&attribute)) elements = list->size();
  if (const auto* list = std::get_if<std::vector<Symbol>>(&attribute)) elements = list->size();
  if (const auto* list = std::get_if<std::vector<std::byte>>(&attribute)) elements = list->size();
  return 32 + 8 * elements;
}

uint64_t bound(const Value& value) {
  uint64_t bytes = 512 + value.name.size() + value.variants.size() * 96;
  if (const Quantization* q = value.quantization.get())
    bytes += 256 + 8 * (q->scale.size() + q->zero_point.size() + q->min.size() + q->max.size() + q->axes.size()) +
             q->custom.size();
  if (const Sparsity* s = value.sparsity.get()) {
    bytes += 128 + 4 * (s->traversal_order.size() + s->block_map.size());
    for (const auto& dimension : s->dimensions)
      bytes += 128 + 4 * (dimension.segments.size() + dimension.indices.size());
  }
  return bytes;
}

uint64_t bound(const Node& node) {
  uint64_t bytes = 512 + node.custom.size() + node.mutating_inputs.size() +
                   4 * (node.inputs.size() + node.outputs.size() + node.intermediates.size());
  for (const auto& [name, attribute] : node.attributes.entries) bytes += bound(attribute);
  return bytes;
}

/// More bytes than the tables of the model take, without what may go behind them.
uint64_t bound(const Model& model) {
  uint64_t bytes = 1024 + model.description.size() + 4 * model.metadata_buffer.size();
  for (const Graph& graph : model.graphs) {
    bytes += 256 + graph.name.size() + 4 * (graph.inputs.size() + graph.outputs.size());
    for (const Value& value : graph.values) bytes += bound(value);
    for (const Node& node : graph.nodes) bytes += bound(node);
  }
  for (const Signature& signature : model.signatures) {
    bytes += 128 + signature.key.size();
    for (const auto* entries : {&signature.inputs, &signature.outputs})
      for (const Signature::Entry& entry : *entries) bytes += 64 + entry.name.size();
  }
  for (const auto& entry : model.metadata) bytes += 64 + entry.name.size();
  for (const auto& group : model.external_groups) bytes += 64 + group.size();
  for (const auto& buffer : model.external_buffers) bytes += 128 + buffer.packing.size();
  return bytes + 96 * model.buffers.size();
}

/// The bytes of constants and custom options.
uint64_t weight(const Model& model) {
  uint64_t bytes = 0;
  for (const Buffer& buffer : model.buffers) bytes += buffer.bytes.size();
  for (const Graph& graph : model.graphs)
    for (const Node& node : graph.nodes) bytes += node.custom_options.size();
  return bytes;
}

/// Buffers first, from the last to the first: a FlatBuffer grows towards its start, so they stand in order at the end.
Offset<flatbuffers::Vector<Offset<fbs::Buffer>>> write_buffers(Target& target, const std::vector<Buffer>& buffers) {
  std::vector<Offset<fbs::Buffer>> written(buffers.size());
  std::vector<Offset<flatbuffers::Vector<uint8_t>>> data(buffers.size());
  for (size_t i = buffers.size(); i-- > 0;) {
    const auto bytes = buffers[i].bytes;
    if (bytes.empty() || target.goes_outside(bytes)) continue;
    target.builder.ForceVectorAlignment(bytes.size(), 1, kBufferAlignment);
    data[i] = target.bytes(bytes);
  }
  for (size_t i = 0; i < buffers.size(); ++i) {
    const bool outside = target.goes_outside(buffers[i].bytes);
    written[i] = fbs::CreateBuffer(target.builder, data[i], outside ? Target::kPlaceholder : 0,
                                   outside ? buffers[i].bytes.size() : 0);
    if (outside) target.parts.push_back({written[i].o, fbs::Buffer::VT_OFFSET, buffers[i].bytes});
  }
  return target.builder.CreateVector(written);
}

/// The distinct operators of a model, in the order of their first use.
class Codes {
 public:
  uint32_t position(const Node& node) {
    const auto [found, added] = positions_.try_emplace(
        {node.op, node.version, node.op == kCustomOp ? node.custom : std::string_view()}, nodes_.size());
    if (added) nodes_.push_back(&node);
    return static_cast<uint32_t>(found->second);
  }
  Offset<flatbuffers::Vector<Offset<fbs::OperatorCode>>> write(Target& target) const {
    std::vector<Offset<fbs::OperatorCode>> written;
    for (const Node* node : nodes_) written.push_back(write_code(target, *node));
    return target.builder.CreateVector(written);
  }

 private:
  std::map<std::tuple<int32_t, int32_t, std::string_view>, size_t> positions_;
  std::vector<const Node*> nodes_;
};

Result<Offset<fbs::SubGraph>> write_graph(Target& target, const Graph& graph, size_t g, Codes& codes) {
  auto& builder = target.builder;
  std::vector<Offset<fbs::Tensor>> tensors;
  for (const Value& value : graph.values) {
    TULLE_TRY(const auto tensor,
              within(write_value(target, value), "graph {} value {} {:?}", g, tensors.size(), shown(value.name)));
    tensors.push_back(tensor);
  }
  std::vector<Offset<fbs::Operator>> operators;
  for (const Node& node : graph.nodes) {
    TULLE_TRY(const auto op, within(write_node(target, node, codes.position(node)), "graph {} node {} {}", g,
                                    operators.size(), label(node)));
    operators.push_back(op);
  }
  const auto operator_list = builder.CreateVector(operators);
  const auto outputs = target.list(std::span(graph.outputs)), inputs = target.list(std::span(graph.inputs));
  const auto tensor_list = builder.CreateVector(tensors);
  const auto name = target.some(graph.name);
  return fbs::CreateSubGraph(builder, tensor_list, inputs, outputs, operator_list, name, graph.debug_metadata);
}

Offset<fbs::SignatureDef> write_signature(Target& target, const Signature& signature) {
  const auto write_entries = [&](const std::vector<Signature::Entry>& entries) {
    std::vector<Offset<fbs::TensorMap>> written;
    for (const Signature::Entry& entry : entries)
      written.push_back(fbs::CreateTensorMap(target.builder, target.builder.CreateString(entry.name), entry.value));
    return target.builder.CreateVector(written);
  };
  const auto outputs = write_entries(signature.outputs), inputs = write_entries(signature.inputs);
  return fbs::CreateSignatureDef(target.builder, inputs, outputs, target.builder.CreateString(signature.key),
                                 signature.graph);
}

Result<Offset<fbs::Model>> write_model(Target& target, const Model& model) {
  auto& builder = target.builder;
  const auto buffers = write_buffers(target, model.buffers);
  Codes codes;
  std::vector<Offset<fbs::SubGraph>> graphs;
  for (const Graph& graph : model.graphs) {
    TULLE_TRY(const auto written, write_graph(target, graph, graphs.size(), codes));
    graphs.push_back(written);
  }
  std::vector<Offset<fbs::SignatureDef>> signatures;
  for (const Signature& signature : model.signatures) signatures.push_back(write_signature(target, signature));
  std::vector<Offset<fbs::Metadata>> metadata;
  for (const auto& entry : model.metadata)
    metadata.push_back(fbs::CreateMetadata(builder, builder.CreateString(entry.name), entry.buffer));
  std::vector<Offset<fbs::ExternalBufferGroup>> groups;
  for (const auto& group : model.external_groups)
    groups.push_back(fbs::CreateExternalBufferGroup(builder, builder.CreateString(group)));
  std::vector<Offset<fbs::ExternalBuffer>> externals;
  for (const auto& from : model.external_buffers)
    externals.push_back(
        fbs::CreateExternalBuffer(builder, from.id, from.group, from.offset, from.length, target.some(from.packing)));

  const auto external_list = target.some(externals);
  const auto group_list = target.some(groups);
  const auto signature_list = target.some(signatures);
  const auto metadata_list = target.some(metadata);
  const auto metadata_buffer = target.some(model.metadata_buffer);
  const auto description = builder.CreateString(model.description);
  const auto graph_list = builder.CreateVector(graphs);
  const auto code_list = codes.write(target);
  return fbs::CreateModel(builder, model.version, code_list, graph_list, description, buffers, metadata_buffer,
                          metadata_list, signature_list, group_list, external_list);
}

/// The tables, then the parts that go behind them, each offset filled in.
std::vector<std::byte> assemble(const Target& target) {
  const auto tables = std::as_bytes(std::span(target.builder.GetBufferPointer(), target.builder.GetSize()));
  const auto aligned = [](size_t size) { return (size + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment; };
  size_t size = tables.size();
  for (const OutsidePart& part : target.parts) size = aligned(size) + part.bytes.size();
  std::vector<std::byte> file(size);
  std::memcpy(file.data(), tables.data(), tables.size());
  size_t at = tables.size();
  for (const OutsidePart& part : target.parts) {
    at = aligned(at);
    auto* table = reinterpret_cast<flatbuffers::Table*>(file.data() + tables.size() - part.table);
    table->SetField<uint64_t>(part.field, at);
    std::memcpy(file.data() + at, part.bytes.data(), part.bytes.size());
    at += part.bytes.size();
  }
  return file;
}

}  // namespace

Result<std::vector<std::byte>> write(const Model& model, size_t most_inside) {
  TULLE_CHECK(verify(model));
  const uint64_t tables = bound(model), weights = weight(model);
  if (tables >= kLargestTables)
    return fail(ErrorCode::kInvalidArgument, "the model needs up to {} bytes of tables, a file holds {}", tables,
                kLargestTables);
  Target target;
  target.outside = weights > most_inside || tables + weights >= kLargestTables;
  target.builder = flatbuffers::FlatBufferBuilder(static_cast<size_t>(tables + (target.outside ? 0 : weights)));
  TULLE_TRY(const auto root, write_model(target, model));
  fbs::FinishModelBuffer(target.builder, root);
  return assemble(target);
}

}  // namespace tulle::tflite
