// The structural check: the tables of a model, each graph in execution order, then the calls between graphs.
#include "graph/verify.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "graph/calls.h"
#include "graph/verify_value.h"

namespace tulle {
namespace {

constexpr auto kInvalid = ErrorCode::kInvalidFile;

bool contains(int64_t index, size_t count) { return index >= 0 && static_cast<uint64_t>(index) < count; }

/// The one operator that reads constants as they are stored, by Value::sparsity.
constexpr int32_t kDensify = 124;

/// Where the values of one graph come from.
struct Sources {
  static constexpr int32_t kNobody = -1;
  std::vector<int32_t> producer;  ///< by value: the node that computes it
  std::vector<bool> ready;        ///< by value: there before any node runs
};

Result<void> check_values(ValueRules& rules, size_t g, Sources& sources) {
  const Graph& graph = rules.model.graphs[g];
  for (size_t i = 0; i < graph.values.size(); ++i) {
    const Value& value = graph.values[i];
    TULLE_CHECK(within(check_value(rules, graph, value), "graph {} value {} {:?}", g, i, shown(value.name)));
    sources.ready[i] = value.is_variable || !rules.model.data(value).empty();
  }
  return {};
}

/// Inputs may be constants, too: a default for callers that leave the input out.
Result<void> check_inputs(const Model& model, size_t g, Sources& sources) {
  const Graph& graph = model.graphs[g];
  std::vector<bool> seen(graph.values.size());
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    const int32_t value = graph.inputs[i];
    if (!contains(value, graph.values.size()))
      return fail(kInvalid, "graph {} input {} is value {}, the graph has {}", g, i, value, graph.values.size());
    if (seen[value]) return fail(kInvalid, "graph {} input {} is value {}, which is an input already", g, i, value);
    seen[value] = sources.ready[value] = true;
  }
  return {};
}

/// Operands that are indices of values. Outputs are entered into `sources`.
Result<void> check_operands(const Graph& graph, int32_t index, Sources& sources) {
  const Node& node = graph.nodes[index];
  for (const auto& [what, operands] :
       {std::pair{"input", &node.inputs}, {"output", &node.outputs}, {"intermediate", &node.intermediates}})
    for (size_t i = 0; i < operands->size(); ++i)
      if (const int32_t value = (*operands)[i]; value != kAbsent && !contains(value, graph.values.size()))
        return fail(kInvalid, "{} {} is value {}, the graph has {}", what, i, value, graph.values.size());
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const int32_t value = node.outputs[i];
    if (value == kAbsent) continue;
    if (sources.producer[value] != Sources::kNobody)
      return fail(kInvalid, "output {} is value {}, which node {} computes already", i, value, sources.producer[value]);
    if (sources.ready[value])
      return fail(kInvalid, "output {} is value {} {:?}, which is {}", i, value, shown(graph.values[value].name),
                  graph.values[value].is_variable ? "a variable" : "a graph input or constant");
    sources.producer[value] = index;
  }
  return {};
}

Result<void> check_node(const Model& model, const Graph& graph, int32_t index, Sources& sources) {
  const Node& node = graph.nodes[index];
  if (!contains(node.op, kBuiltinCount))
    return fail(kInvalid, "operator code {} is not in 0…{}", node.op, kBuiltinCount - 1);
  if (node.op == kCustomOp && node.custom.empty()) return fail(kInvalid, "a custom operator without a name");
  if (!node.mutating_inputs.empty() && node.mutating_inputs.size() != node.inputs.size())
    return fail(kInvalid, "{} marks of changed inputs, there are {} inputs", node.mutating_inputs.size(),
                node.inputs.size());
  TULLE_CHECK(check_operands(graph, index, sources));
  for (const int64_t callee : called_graphs(node)) {
    if (callee == kNoGraph) return fail(kInvalid, "a graph to call is not given, or as no number");
    if (!contains(callee, model.graphs.size()))
      return fail(kInvalid, "calls graph {}, the model has {}", callee, model.graphs.size());
  }
  return {};
}

/// That `value` is there, as many elements as its shape says, before node `reader` runs (or where that is the number of
/// nodes, after them all). Nobody needs to compute a value without elements.
Result<void> check_ready(const Graph& graph, const Sources& sources, int32_t value, size_t reader) {
  if (graph.values[value].external_buffer != 0)
    return fail(ErrorCode::kUnsupported, "value {} {:?} has its data in another file", value,
                shown(graph.values[value].name));
  if (graph.values[value].sparsity != nullptr && (reader == graph.nodes.size() || graph.nodes[reader].op != kDensify))
    return fail(ErrorCode::kUnsupported, "value {} {:?} is sparse, which only DENSIFY reads", value,
                shown(graph.values[value].name));
  const int32_t producer = sources.producer[value];
  if (sources.ready[value] || (producer != Sources::kNobody && static_cast<size_t>(producer) < reader)) return {};
  const std::string_view name = shown(graph.values[value].name);
  if (producer != Sources::kNobody)
    return fail(kInvalid, "value {} {:?} is computed later, by node {} {}", value, name, producer,
                label(graph.nodes[producer]));
  if (graph.values[value].shape.elements() == 0) return {};
  return fail(kInvalid, "value {} {:?} is neither computed nor an input, constant or variable", value, name);
}

Result<void> check_order(const Model& model, size_t g, const Sources& sources) {
  const Graph& graph = model.graphs[g];
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (node.inputs[i] != kAbsent)
        TULLE_CHECK(within(check_ready(graph, sources, node.inputs[i], n), "graph {} node {} {}: input {}", g, n,
                           label(node), i));
  }
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    const int32_t value = graph.outputs[i];
    if (!contains(value, graph.values.size()))
      return fail(kInvalid, "graph {} output {} is value {}, the graph has {}", g, i, value, graph.values.size());
    TULLE_CHECK(within(check_ready(graph, sources, value, graph.nodes.size()), "graph {} output {}", g, i));
  }
  return {};
}

Result<void> check_graph(ValueRules& rules, size_t g) {
  const Graph& graph = rules.model.graphs[g];
  if (graph.values.size() > std::numeric_limits<int32_t>::max() ||
      graph.nodes.size() > std::numeric_limits<int32_t>::max())
    return fail(kInvalid, "graph {} has over {} values or nodes", g, std::numeric_limits<int32_t>::max());
  Sources sources{std::vector<int32_t>(graph.values.size(), Sources::kNobody), std::vector<bool>(graph.values.size())};
  TULLE_CHECK(check_values(rules, g, sources));
  TULLE_CHECK(check_inputs(rules.model, g, sources));
  for (int32_t n = 0; n < static_cast<int32_t>(graph.nodes.size()); ++n)
    TULLE_CHECK(within(check_node(rules.model, graph, n, sources), "graph {} node {} {}", g, n, label(graph.nodes[n])));
  return check_order(rules.model, g, sources);
}

/// Takes away graphs whose callees are all taken away until none is left; what cannot be taken away leads into a cycle.
Result<void> check_calls(const Model& model) {
  struct Call {
    size_t caller;
    int64_t callee;
  };
  std::vector<std::vector<Call>> callers(model.graphs.size());  // by callee
  std::vector<size_t> open(model.graphs.size());                // calls to graphs not yet taken away
  for (size_t g = 0; g < model.graphs.size(); ++g)
    for (const Node& node : model.graphs[g].nodes)
      for (const int64_t callee : called_graphs(node)) {
        callers[callee].push_back({g, callee});
        ++open[g];
      }
  std::vector<size_t> done;
  for (size_t g = 0; g < open.size(); ++g)
    if (open[g] == 0) done.push_back(g);
  for (size_t i = 0; i < done.size(); ++i)
    for (const Call& call : callers[done[i]])
      if (--open[call.caller] == 0) done.push_back(call.caller);
  for (size_t g = 0; g < open.size(); ++g)
    if (open[g] > 0)
      for (size_t n = 0; n < model.graphs[g].nodes.size(); ++n)
        for (const int64_t callee : called_graphs(model.graphs[g].nodes[n]))
          if (open[callee] > 0)
            return fail(kInvalid, "graph {} node {} {}: calls graph {}, which leads into a cycle of calls", g, n,
                        label(model.graphs[g].nodes[n]), callee);
  return {};
}

/// Names are unique, and stand for inputs or outputs (`ports`, of this graph and sorted) of the graph.
Result<void> check_entries(const std::vector<Signature::Entry>& entries,
                           const std::vector<std::pair<uint32_t, uint32_t>>& ports, uint32_t graph,
                           std::string_view what) {
  std::set<std::string_view> names;
  for (const Signature::Entry& entry : entries) {
    if (!names.insert(entry.name).second) return fail(kInvalid, "two {}s named {:?}", what, shown(entry.name));
    if (!std::binary_search(ports.begin(), ports.end(), std::pair(graph, entry.value)))
      return fail(kInvalid, "{} {:?} is value {}, which is no {} of graph {}", what, shown(entry.name), entry.value,
                  what, graph);
  }
  return {};
}

Result<void> check_signatures(const Model& model) {
  std::vector<std::pair<uint32_t, uint32_t>> inputs, outputs;  // graph and value
  for (uint32_t g = 0; g < model.graphs.size(); ++g) {
    for (const int32_t value : model.graphs[g].inputs) inputs.emplace_back(g, value);
    for (const int32_t value : model.graphs[g].outputs) outputs.emplace_back(g, value);
  }
  std::sort(inputs.begin(), inputs.end());
  std::sort(outputs.begin(), outputs.end());
  std::set<std::string_view> keys;
  for (const Signature& signature : model.signatures) {
    const std::string_view key = shown(signature.key);
    if (!keys.insert(signature.key).second) return fail(kInvalid, "two signatures named {:?}", key);
    if (!contains(signature.graph, model.graphs.size()))
      return fail(kInvalid, "signature {:?}: calls graph {}, the model has {}", key, signature.graph,
                  model.graphs.size());
    TULLE_CHECK(within(check_entries(signature.inputs, inputs, signature.graph, "input"), "signature {:?}", key));
    TULLE_CHECK(within(check_entries(signature.outputs, outputs, signature.graph, "output"), "signature {:?}", key));
  }
  return {};
}

Result<void> check_buffers(const Model& model, ValueRules& rules) {
  if (model.buffers.empty() || !model.buffers[0].bytes.empty())
    return fail(kInvalid, "buffer 0 must be there and empty");
  for (const Model::Metadata& entry : model.metadata)
    if (!contains(entry.buffer, model.buffers.size()))
      return fail(kInvalid, "metadata {:?}: buffer {}, the model has {}", shown(entry.name), entry.buffer,
                  model.buffers.size());
  for (const int32_t buffer : model.metadata_buffer)
    if (!contains(buffer, model.buffers.size()))
      return fail(kInvalid, "metadata in buffer {}, the model has {}", buffer, model.buffers.size());
  std::optional<uint32_t> twice;
  for (const Model::ExternalBuffer& external : model.external_buffers) {
    if (!contains(external.group, model.external_groups.size()))
      return fail(kInvalid, "external buffer {}: group {}, the model has {}", external.id, external.group,
                  model.external_groups.size());
    if (!rules.external_ids.insert(external.id).second) twice = std::min(twice.value_or(external.id), external.id);
  }
  if (twice) return fail(kInvalid, "two external buffers with id {}", *twice);
  if (rules.external_ids.contains(0)) return fail(kInvalid, "an external buffer with id 0");
  return {};
}

}  // namespace

Result<void> verify(const Model& model) {
  if (model.graphs.empty()) return fail(kInvalid, "the model has no graph");
  ValueRules rules{model, {}, std::vector<bool>(model.buffers.size())};
  TULLE_CHECK(check_buffers(model, rules));
  for (size_t g = 0; g < model.graphs.size(); ++g) TULLE_CHECK(check_graph(rules, g));
  TULLE_CHECK(check_calls(model));
  return check_signatures(model);
}

}  // namespace tulle
