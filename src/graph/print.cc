// print: a model as text.
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "base/hash.h"
#include "graph/text.h"
#include "graph/text_write.h"

namespace tulle {
namespace {

using text::write;
using text::write_fields;
using text::write_reference;

/// Constants up to this size are written in full in every form: their hash would be as long.
constexpr size_t kAlwaysInline = 32;
/// A constant of no more elements has them in a comment.
constexpr int64_t kCommented = 8;

/// The first elements of a constant, or its size, as a comment.
void write_comment(std::string& out, const Model& model, const Value& value) {
  if (value.buffer >= model.buffers.size()) return;
  const std::span<const std::byte> bytes = model.data(value);
  if (bytes.empty()) return;
  out += "  #";
  const int64_t elements = value.shape.elements();
  const auto list = [&]<class T>(T element) {
    if (kDTypeOf<T> != value.dtype || elements > kCommented || bytes.size() != elements * sizeof(T)) return false;
    for (int64_t i = 0; i < elements; ++i) {
      std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
      out += ' ';
      if constexpr (std::is_integral_v<T>)
        write(out, int64_t{element});
      else
        write(out, element);
    }
    return true;
  };
  if (!(list(float{}) || list(int32_t{}) || list(int64_t{}) || list(int8_t{}) || list(uint8_t{}) || list(int16_t{})))
    out += fmt::format(" {} bytes", bytes.size());
}

class GraphPrinter {
 public:
  GraphPrinter(std::string& out, const Model& model, const Graph& graph)
      : out_(out), model_(model), graph_(graph), declared_(graph.values.size()), computed_(graph.values.size()) {
    for (const Node& node : graph.nodes)
      for (const int32_t output : node.outputs)
        if (exists(output)) computed_[output] = true;
  }

  /// Values that no node computes stand before the first node that takes them, graph inputs before all.
  void print() {
    declare_all(graph_.inputs);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      declare_all(graph_.nodes[n].inputs);
      declare_all(graph_.nodes[n].intermediates);
      print_node(n);
    }
    for (size_t i = 0; i < graph_.values.size(); ++i) declare(static_cast<int32_t>(i));
  }

 private:
  bool exists(int32_t value) const { return value >= 0 && static_cast<size_t>(value) < graph_.values.size(); }

  void declare(int32_t value) {
    if (!exists(value) || declared_[value] || computed_[value]) return;
    declared_[value] = true;
    out_ += "  ";
    write(out_, value, graph_.values[value]);
    write_comment(out_, model_, graph_.values[value]);
    out_ += '\n';
  }
  void declare_all(const std::vector<int32_t>& values) {
    for (const int32_t value : values) declare(value);
  }

  void print_node(size_t n) {
    const Node& node = graph_.nodes[n];
    out_ += "  ";
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const int32_t value = node.outputs[i];
      if (i > 0) out_ += ", ";
      if (!exists(value) || declared_[value]) {
        write_reference(out_, value);
      } else {
        declared_[value] = true;
        write(out_, value, graph_.values[value]);
      }
    }
    out_ += node.outputs.empty() ? "= " : " = ";
    Node said;
    if (node.op == kCustomOp) {
      write(out_, node.custom);
      said.custom = node.custom;
    } else {
      out_ += builtin_name(node.op);
    }
    if (node.version != 1) out_ += fmt::format(" v{}", node.version);
    out_ += " (";
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (i > 0) out_ += ", ";
      write_reference(out_, node.inputs[i]);
    }
    out_ += ')';
    write(out_, node.attributes);
    write_fields(out_, node, said);
    out_ += fmt::format("  # node {}\n", n);
  }

  std::string& out_;
  const Model& model_;
  const Graph& graph_;
  std::vector<bool> declared_, computed_;
};

template <class T>
void write_section(std::string& out, std::string_view head, const T& object) {
  out += head;
  write_fields(out, object, {});
  out += '\n';
}

}  // namespace

std::string print(const Model& model, Weights weights) {
  std::string out = "tulle 1\n";
  write_section(out, "model", model);
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    out += fmt::format("\ngraph {} ", g);
    write(out, model.graphs[g].name);
    write_section(out, "", model.graphs[g]);
    GraphPrinter(out, model, model.graphs[g]).print();
  }
  out += '\n';
  const auto named = [&](const char* section, const std::string& name, const auto& object) {
    out += section;
    write(out, name);
    write_section(out, "", object);
  };
  for (const Signature& signature : model.signatures) named("signature ", signature.key, signature);
  for (const Model::Metadata& entry : model.metadata) named("metadata ", entry.name, entry);
  for (const Model::ExternalBuffer& external : model.external_buffers) write_section(out, "external", external);
  for (size_t i = 0; i < model.buffers.size(); ++i) {
    const std::span<const std::byte> bytes = model.buffers[i].bytes;
    out += fmt::format("buffer {} ", i);
    if (weights == Weights::kElided && bytes.size() > kAlwaysInline)
      out += fmt::format("elided({} {:016x})\n", bytes.size(), hash(bytes));
    else
      write(out, bytes), out += '\n';
  }
  return out;
}

}  // namespace tulle
