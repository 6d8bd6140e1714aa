// Times, work and bytes of nodes put together.
#include "cli/profile.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "graph/calls.h"
#include "graph/macs.h"
#include "graph/work.h"

namespace tulle::cli {
namespace {

/// The graph with the shapes that the session found, which the file may leave open.
Graph with_shapes(const Session& session) {
  Graph graph = session.model().graphs[static_cast<size_t>(session.graph())];
  for (size_t i = 0; i < graph.values.size(); ++i) {
    const Shape& found = session.value(static_cast<int32_t>(i)).shape;
    if (found.known()) graph.values[i].shape = found;
  }
  return graph;
}

std::vector<std::string> described(const Graph& graph, std::span<const int32_t> values) {
  std::vector<std::string> list;
  for (int32_t index : values)
    if (index != kAbsent)
      list.push_back(to_string(graph.values[static_cast<size_t>(index)].shape) + " " +
                     std::string(name(graph.values[static_cast<size_t>(index)].dtype)));
  return list;
}

/// The peak of the arithmetic that a node's first two operands ask for: 8-bit weights are multiplied with 8-bit codes
/// even where the input is float32 (hybrid).
double peak_of(const Graph& graph, const Node& node, const Peak& peak) {
  const auto dtype = [&](size_t i) {
    return i < node.inputs.size() && node.inputs[i] != kAbsent ? graph.values[static_cast<size_t>(node.inputs[i])].dtype
                                                               : DType::kVariant;
  };
  const auto narrow = [](DType type) { return type == DType::kInt8 || type == DType::kUint8 || type == DType::kInt4; };
  const auto real = [](DType type) { return type == DType::kFloat32 || type == DType::kFloat16; };
  const size_t data = op_name(node) == "TRANSPOSE_CONV" ? 2 : 0;
  if (narrow(dtype(1)) && (narrow(dtype(data)) || real(dtype(data)))) return peak.int8_gops;
  return real(dtype(data)) && real(dtype(1)) ? peak.float_gops : 0;
}

NodeProfile describe(const Model& model, const Graph& graph, int graph_index, int node_index) {
  const Node& node = graph.nodes[static_cast<size_t>(node_index)];
  NodeProfile profile{.graph = graph_index, .node = node_index, .op = std::string(op_name(node))};
  for (int32_t output : node.outputs) {
    if (output == kAbsent) continue;
    profile.dtype = name(graph.values[static_cast<size_t>(output)].dtype);
    profile.shape = graph.values[static_cast<size_t>(output)].shape;
    break;
  }
  profile.macs = count_macs(graph, node);
  profile.bytes = count_bytes(model, graph, node);
  profile.inputs = described(graph, node.inputs);
  profile.outputs = described(graph, node.outputs);
  return profile;
}

void add_rates(NodeProfile& profile, double peak) {
  if (profile.own_ms <= 0) return;
  if (profile.macs > 0) profile.gops = 2e-6 * static_cast<double>(profile.macs) / profile.own_ms;
  if (profile.bytes > 0) profile.gbps = 1e-6 * static_cast<double>(profile.bytes) / profile.own_ms;
  if (profile.gops && peak > 0) profile.peak_share = *profile.gops / peak;
}

/// The nodes that call each graph, as positions in the list.
std::map<int, std::set<size_t>> callers(const Model& model, std::span<const NodeProfile> nodes) {
  std::map<int, std::set<size_t>> found;
  for (size_t i = 0; i < nodes.size(); ++i)
    for (int64_t graph :
         called_graphs(model.graphs[static_cast<size_t>(nodes[i].graph)].nodes[static_cast<size_t>(nodes[i].node)]))
      found[static_cast<int>(graph)].insert(i);
  return found;
}

/// A node's time has the graphs it calls in it. What one of them took goes off its callers by what they took.
void take_off_calls(const Model& model, std::vector<NodeProfile>& nodes) {
  std::map<int, double> graph_ms;
  for (const NodeProfile& node : nodes) graph_ms[node.graph] += node.ms;
  for (const auto& [graph, list] : callers(model, nodes)) {
    double sum = 0;
    for (size_t caller : list) sum += nodes[caller].ms;
    for (size_t caller : list)
      if (sum > 0) nodes[caller].own_ms -= graph_ms[graph] * nodes[caller].ms / sum;
  }
  for (NodeProfile& node : nodes) node.own_ms = std::max(0.0, node.own_ms);
}

std::vector<OpProfile> by_op(const Profile& profile, int session_graph) {
  std::vector<OpProfile> ops;
  std::map<std::string, size_t> places;
  struct Known {
    double macs = 0, ms = 0;
  };
  std::vector<Known> known;
  for (const NodeProfile& node : profile.nodes) {
    const size_t at = places.try_emplace(node.op, ops.size()).first->second;
    if (at == ops.size()) {
      ops.push_back({.op = node.op});
      known.emplace_back();
    }
    ++ops[at].count;
    ops[at].ms += node.own_ms;
    ops[at].share += node.share;
    if (node.graph != session_graph || node.own_ms <= 0) continue;
    known[at].macs += static_cast<double>(node.macs);
    known[at].ms += node.own_ms;
  }
  for (size_t i = 0; i < ops.size(); ++i)
    if (known[i].macs > 0) ops[i].gops = 2e-6 * known[i].macs / known[i].ms;
  std::stable_sort(ops.begin(), ops.end(), [](const OpProfile& a, const OpProfile& b) { return a.ms > b.ms; });
  return ops;
}

}  // namespace

Sample make_sample(const Session& session, size_t run, double ms) {
  Sample sample{run, ms, {}};
  for (const NodeTiming& timing : session.timings())
    sample.nodes_ms.push_back(std::chrono::duration<double, std::milli>(timing.time).count());
  return sample;
}

void Samples::add(Sample sample) {
  // A graph that is called for the first time adds nodes to the list: what was kept does not line up with it.
  if (!kept_.empty() && kept_.front().nodes_ms.size() != sample.nodes_ms.size()) kept_.clear(), next_ = 0;
  if (kept_.size() < kKept)
    kept_.push_back(std::move(sample));
  else
    kept_[next_++ % kKept] = std::move(sample);
}

double Samples::median(size_t i) const {
  std::vector<double> times;
  for (const Sample& sample : kept_)
    if (i < sample.nodes_ms.size()) times.push_back(sample.nodes_ms[i]);
  if (times.empty()) return 0;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>((times.size() - 1) / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

const Sample& Samples::nearest(double ms) const {
  return *std::min_element(kept_.begin(), kept_.end(),
                           [&](const Sample& a, const Sample& b) { return std::abs(a.ms - ms) < std::abs(b.ms - ms); });
}

Profile make_profile(const Session& session, const Samples& samples, const Peak& peak) {
  const Model& model = session.model();
  const Graph main = with_shapes(session);
  const auto timings = session.timings();
  Profile profile{.peak = peak};
  for (size_t i = 0; i < timings.size(); ++i) {
    const auto index = static_cast<size_t>(timings[i].graph);
    profile.nodes.push_back(describe(model, timings[i].graph == session.graph() ? main : model.graphs[index],
                                     timings[i].graph, timings[i].node));
    profile.nodes.back().ms = profile.nodes.back().own_ms = samples.median(i);
  }
  take_off_calls(model, profile.nodes);
  for (const NodeProfile& node : profile.nodes) profile.nodes_ms += node.own_ms;
  for (NodeProfile& node : profile.nodes) {
    node.share = profile.nodes_ms > 0 ? node.own_ms / profile.nodes_ms : 0;
    if (node.graph == session.graph()) add_rates(node, peak_of(main, main.nodes[static_cast<size_t>(node.node)], peak));
  }
  profile.ops = by_op(profile, session.graph());
  return profile;
}

std::map<int, size_t> only_callers(const Session& session, const Profile& profile) {
  std::map<int, size_t> found;
  for (const auto& [graph, list] : callers(session.model(), profile.nodes))
    if (list.size() == 1 && graph != session.graph()) found[graph] = *list.begin();
  return found;
}

std::string place(const NodeProfile& node, int session_graph) {
  return node.graph == session_graph ? std::to_string(node.node) : fmt::format("{}:{}", node.graph, node.node);
}

}  // namespace tulle::cli
