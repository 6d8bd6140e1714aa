// parse: a model from text.
#include <map>

#include "base/hash.h"
#include "graph/text.h"
#include "graph/text_read.h"
#include "graph/verify.h"

namespace tulle {
namespace {

using text::Reader;
using text::Token;

/// A value as it was declared.
struct Declared {
  Token at;
  int32_t index;
  Value value;
};

/// %3 "name" : int8[?,4] fields…
void parse_value(Reader& in, int32_t index, const Token& at, std::vector<Declared>& values) {
  Declared declared{at, index, {}};
  in.read(declared.value.name);
  in.expect(':', ":");
  in.read(declared.value.dtype);
  in.read(declared.value.shape, declared.value.signature);
  in.read_fields(declared.value);
  values.push_back(std::move(declared));
}

/// What stands before the = of a node, or alone on its line: values, declared or not, separated by commas.
std::vector<int32_t> parse_outputs(Reader& in, std::vector<Declared>& values) {
  std::vector<int32_t> outputs;
  while (in.at(Token::kWord)) {
    const Token at = in.peek();
    in.read_reference(outputs.emplace_back());
    if (in.at(Token::kString)) {
      if (outputs.back() == kAbsent)
        in.fail(at, "- has no name");
      else
        parse_value(in, outputs.back(), at, values);
    }
    if (!in.accept(',')) break;
  }
  return outputs;
}

/// OP v2 (%0, -) Table {…} fields…
void parse_node(Reader& in, Node& node) {
  if (in.at(Token::kString)) {
    node.op = kCustomOp;
    in.read(node.custom);
  } else {
    const Token op = in.expect(Token::kWord, "an operator");
    const std::optional<int32_t> code = parse_builtin(op.text);
    if (!code)
      in.fail(op, "there is no operator {:?}", shown(op.text));
    else
      node.op = *code;
  }
  if (in.at(Token::kWord)) {
    Token version = in.take();
    if (!version.text.starts_with('v')) in.fail(version, "a version such as v2, or (, expected");
    version.text.remove_prefix(1);
    in.read_number(version, node.version);
  }
  in.expect('(', "(");
  while (in.at(Token::kWord)) {
    in.read_reference(node.inputs.emplace_back());
    if (!in.accept(',')) break;
  }
  in.expect(')', ")");
  if (in.at(Token::kString) || (in.at(Token::kWord) && in.after().kind == '{')) in.read(node.attributes);
  in.read_fields(node);
}

/// Puts the values in their places. They are numbered from 0 without gaps.
void place_values(Reader& in, std::vector<Declared>& declared, std::vector<Value>& values) {
  values.resize(declared.size());
  std::vector<bool> seen(declared.size());
  for (Declared& from : declared) {
    const auto index = static_cast<size_t>(from.index);
    if (index >= values.size())
      return in.fail(from.at, "%{} is declared, but only {} values are", from.index, values.size());
    if (seen[index]) return in.fail(from.at, "%{} is declared twice", from.index);
    seen[index] = true;
    values[index] = std::move(from.value);
  }
}

void parse_graph(Reader& in, Model& model) {
  in.read_index(model.graphs.size());
  Graph graph;
  in.read(graph.name);
  in.read_fields(graph);
  in.end_line();
  std::vector<Declared> values;
  while (in.at('=') || (in.at(Token::kWord) && (in.peek().text.starts_with('%') || in.peek().text == "-"))) {
    std::vector<int32_t> outputs = parse_outputs(in, values);
    if (in.accept('=')) {
      Node& node = graph.nodes.emplace_back();
      node.outputs = std::move(outputs);
      parse_node(in, node);
    } else if (outputs.size() != 1 || values.empty() || values.back().index != outputs[0]) {
      in.expect('=', "a name in quotes or =");
    }
    in.end_line();
  }
  place_values(in, values, graph.values);
  model.graphs.push_back(std::move(graph));
}

template <auto kList>
void parse_named(Reader& in, Model& model) {
  auto& object = (model.*kList).emplace_back();
  if constexpr (requires { object.key; })
    in.read(object.key);
  else if constexpr (requires { object.name; })
    in.read(object.name);
  in.read_fields(object);
  in.end_line();
}

void parse_model(Reader& in, Model& model) {
  in.read_fields(model);
  in.end_line();
}

/// Buffers by size and hash.
using Known = std::map<std::pair<uint64_t, uint64_t>, const Buffer*>;

/// bytes[00ff], or elided(size hash)
void parse_buffer(Reader& in, Model& model, const Known& known) {
  in.read_index(model.buffers.size());
  if (in.at(Token::kWord) && in.peek().text != "elided") {
    std::vector<std::byte> bytes;
    in.read(bytes);
    model.buffers.push_back(Buffer::copy(bytes));
    return in.end_line();
  }
  const Token at = in.peek();
  uint64_t size = 0, hash = 0;
  in.expect_word("elided");
  in.expect('(', "(");
  in.read(size);
  in.read_hex(hash);
  in.expect(')', ")");
  in.end_line();
  if (in.failed()) return;
  const auto found = known.find({size, hash});
  if (found == known.end()) return in.fail(at, "no weights of {} bytes with hash {:016x} are given", size, hash);
  model.buffers.push_back(*found->second);
}

struct Section {
  const char* name;
  void (*parse)(Reader& in, Model& model);
};
constexpr Section kSections[] = {
    {"model", parse_model},
    {"graph", parse_graph},
    {"signature", parse_named<&Model::signatures>},
    {"metadata", parse_named<&Model::metadata>},
    {"external", parse_named<&Model::external_buffers>},
};

}  // namespace

Result<Model> parse(std::string_view text, const Model* weights_from) {
  Known known;
  if (weights_from != nullptr)
    for (const Buffer& buffer : weights_from->buffers)
      known.try_emplace({buffer.bytes.size(), hash(buffer.bytes)}, &buffer);

  Model model;
  Reader in(text);
  in.expect_word("tulle");
  in.expect_word("1");
  in.end_line();
  while (!in.failed() && !in.at(Token::kEnd)) {
    const Token name = in.expect(Token::kWord, "a section");
    bool found = false;
    for (const Section& section : kSections)
      if (!found && name.text == section.name) found = true, section.parse(in, model);
    if (name.text == "buffer")
      parse_buffer(in, model, known);
    else if (!found)
      in.fail(name, "there is no section {:?}", shown(name.text));
  }
  if (in.failed()) return std::unexpected(in.error());
  TULLE_CHECK(verify(model));
  return model;
}

}  // namespace tulle
