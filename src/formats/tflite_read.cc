// Reads .tflite files: identifier, structure, then table by table into a Model.
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>

#include "base/file_map.h"
#include "formats/tflite.h"
#include "formats/tflite_damage.h"
#include "formats/tflite_node.h"
#include "formats/tflite_source.h"
#include "formats/tflite_tables.h"
#include "formats/tflite_value.h"
#include "graph/verify.h"

namespace tulle::tflite {
namespace {

constexpr uint32_t kVersion = 3;
/// FlatBuffers reads scalars in place.
constexpr size_t kAlignment = 16;

Result<Graph> read_graph(Source& source, const fbs::SubGraph& from, uint32_t g, const std::vector<Node>& codes) {
  Graph graph;
  TULLE_TRY(graph.name, source.text(from.name()));
  TULLE_TRY(graph.values, source.each<Value>(from.tensors(), [&](const fbs::Tensor& tensor, uint32_t i) {
    return within(read_value(source, tensor), "graph {} value {} {:?}", g, i, shown(tensor.name()));
  }));
  TULLE_TRY(graph.inputs, source.list<int32_t>(from.inputs()));
  TULLE_TRY(graph.outputs, source.list<int32_t>(from.outputs()));
  TULLE_TRY(graph.nodes, source.each<Node>(from.operators(), [&](const fbs::Operator& op, uint32_t i) -> Result<Node> {
    if (op.opcode_index() >= codes.size())
      return fail(ErrorCode::kInvalidFile, "graph {} node {}: operator code {}, the model has {}", g, i,
                  op.opcode_index(), codes.size());
    Node node = codes[op.opcode_index()];
    TULLE_CHECK(source.take(node.custom.size()));
    TULLE_CHECK(within(read_node(source, op, node), "graph {} node {} {}", g, i, label(node)));
    return node;
  }));
  graph.debug_metadata = from.debug_metadata_index();
  return graph;
}

Result<Buffer> read_buffer(Source& source, const fbs::Buffer& from) {
  // Offsets and sizes of 0 and 1 stand for "not outside": the converter's writer fills in real ones last.
  const bool outside = from.offset() > 1 && from.size() > 1;
  if (from.data() != nullptr && from.data()->size() > 0) {
    if (outside)
      return fail(ErrorCode::kInvalidFile, "{} bytes in the tables and {} outside", from.data()->size(), from.size());
    TULLE_CHECK(source.view(from.data()->size()));
    return Buffer{std::as_bytes(std::span(from.data()->data(), from.data()->size())), source.owner};
  }
  if (!outside) return Buffer{};
  TULLE_TRY(const auto bytes, source.outside(from.offset(), from.size()));
  TULLE_CHECK(source.view(bytes.size()));
  return Buffer{bytes, source.owner};
}

Result<Signature> read_signature(Source& source, const fbs::SignatureDef& from) {
  const auto entry = [&](const fbs::TensorMap& map, uint32_t) -> Result<Signature::Entry> {
    TULLE_TRY(std::string name, source.text(map.name()));
    return Signature::Entry{std::move(name), map.tensor_index()};
  };
  Signature to;
  TULLE_TRY(to.key, source.text(from.signature_key()));
  TULLE_TRY(to.inputs, source.each<Signature::Entry>(from.inputs(), entry));
  TULLE_TRY(to.outputs, source.each<Signature::Entry>(from.outputs(), entry));
  to.graph = from.subgraph_index();
  return to;
}

Result<Model::Metadata> read_metadata(Source& source, const fbs::Metadata& from) {
  TULLE_TRY(std::string name, source.text(from.name()));
  return Model::Metadata{std::move(name), from.buffer()};
}

Result<Model::ExternalBuffer> read_external(Source& source, const fbs::ExternalBuffer& from) {
  TULLE_TRY(std::string packing, source.text(from.packing()));
  return Model::ExternalBuffer{from.id(), from.group(), from.offset(), from.length(), std::move(packing)};
}

/// Kernels read constants in place, too, so those that are not aligned to their elements are copied.
Result<void> align_constants(Source& source, Model& model) {
  for (const Graph& graph : model.graphs)
    for (const Value& value : graph.values) {
      if (value.buffer >= model.buffers.size()) continue;
      Buffer& buffer = model.buffers[value.buffer];
      const auto element =
          static_cast<size_t>(std::clamp(value.dtype == DType::kString ? 4 : bits(value.dtype) / 8, 1, 8));
      if (reinterpret_cast<uintptr_t>(buffer.bytes.data()) % element == 0) continue;
      TULLE_CHECK(source.take(buffer.bytes.size() + 64));
      buffer = Buffer::copy(buffer.bytes);
    }
  return {};
}

Result<Model> read_model(Source& source, const fbs::Model& from) {
  Model to;
  to.version = from.version();
  if (to.version != kVersion)
    return fail(ErrorCode::kUnsupported, "schema version {}, only {} is supported", to.version, kVersion);
  TULLE_TRY(to.description, source.text(from.description()));
  TULLE_TRY(to.buffers, source.each<Buffer>(from.buffers(), [&](const fbs::Buffer& buffer, uint32_t i) {
    return within(read_buffer(source, buffer), "buffer {}", i);
  }));
  if (to.buffers.empty()) to.buffers.emplace_back();
  TULLE_TRY(const auto codes, source.each<Node>(from.operator_codes(), [&](const fbs::OperatorCode& code, uint32_t i) {
    return within(read_code(source, code), "operator code {}", i);
  }));
  TULLE_TRY(to.graphs, source.each<Graph>(from.subgraphs(), [&](const fbs::SubGraph& graph, uint32_t i) {
    return read_graph(source, graph, i, codes);
  }));
  TULLE_TRY(to.signatures, source.each<Signature>(from.signature_defs(), [&](const auto& signature, uint32_t i) {
    return within(read_signature(source, signature), "signature {}", i);
  }));
  TULLE_TRY(to.metadata, source.each<Model::Metadata>(from.metadata(), [&](const auto& entry, uint32_t) {
    return read_metadata(source, entry);
  }));
  TULLE_TRY(to.metadata_buffer, source.list<int32_t>(from.metadata_buffer()));
  TULLE_TRY(to.external_groups,
            source.each<std::string>(from.external_buffer_groups(),
                                     [&](const auto& group, uint32_t) { return source.text(group.name()); }));
  TULLE_TRY(to.external_buffers,
            source.each<Model::ExternalBuffer>(
                from.external_buffers(), [&](const auto& buffer, uint32_t) { return read_external(source, buffer); }));
  TULLE_CHECK(align_constants(source, to));
  return to;
}

}  // namespace

Result<Model> read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  if (bytes.size() < 8)
    return fail(ErrorCode::kInvalidFile, "not a TensorFlow Lite file: {} bytes, at least 8 are needed", bytes.size());
  const std::string_view identifier(reinterpret_cast<const char*>(bytes.data()) + 4, 4);
  if (identifier != fbs::ModelIdentifier())
    return fail(ErrorCode::kInvalidFile, "not a TensorFlow Lite file: {:?} at byte 4 instead of {:?}", identifier,
                fbs::ModelIdentifier());
  if (!has_room(0)) return fail(ErrorCode::kOutOfMemory, "no memory to read the model");
  if (reinterpret_cast<uintptr_t>(bytes.data()) % kAlignment != 0) {
    if (!has_room(bytes.size())) return fail(ErrorCode::kOutOfMemory, "no memory for a copy of the file");
    Buffer copy = Buffer::copy(bytes);
    bytes = copy.bytes;
    owner = std::move(copy.owner);
  }
  if (const std::string damage = find_damage(bytes); !damage.empty())
    return fail(ErrorCode::kInvalidFile, "the file, of {} bytes, is damaged or cut short: {}", bytes.size(), damage);
  Source source(bytes, owner);
  TULLE_TRY(Model model, read_model(source, *fbs::GetModel(bytes.data())));
  model.origin = {bytes, std::move(owner)};
  TULLE_CHECK(verify(model));
  return model;
}

Result<std::shared_ptr<const Model>> load(const std::string& path) {
  TULLE_TRY(const auto file, FileMap::open(path));
  TULLE_TRY(Model model, within(read(file->bytes(), file), "{}", path));
  const std::span<const std::byte> whole = file->bytes();
  model.origin.in_file = model.origin.bytes.data() == whole.data();
  if (model.origin.in_file && model.origin.bytes.size() == whole.size()) model.origin.file = file->state();
  for (Buffer& buffer : model.buffers)
    buffer.in_file = std::less_equal<>()(whole.data(), buffer.bytes.data()) &&
                     std::less_equal<>()(buffer.bytes.data() + buffer.bytes.size(), whole.data() + whole.size());
  return std::make_shared<const Model>(std::move(model));
}

}  // namespace tulle::tflite
