// Spans one after the other; the nodes of a called graph lie inside the node that calls it.
#include "cli/trace.h"

#include <algorithm>
#include <map>

namespace tulle::cli {
namespace {

class Trace {
 public:
  Trace(const Session& session, const Profile& profile) : session_(session), profile_(profile) {
    for (size_t i = 0; i < profile.nodes.size(); ++i) graphs_[profile.nodes[i].graph].push_back(i);
    for (const auto& [graph, caller] : only_callers(session, profile)) bodies_[caller].push_back(graph);
  }

  void name(const std::string& file) {
    events_.push_back({{"name", "process_name"}, {"ph", "M"}, {"pid", 1}, {"tid", 1}, {"args", {{"name", file}}}});
    events_.push_back({{"name", "thread_name"}, {"ph", "M"}, {"pid", 1}, {"tid", 1}, {"args", {{"name", "bench"}}}});
  }

  void phase(const std::string& name, double ms) {
    span(name, "phase", now_us_, ms * 1000, Json::object());
    now_us_ += ms * 1000;
  }

  void run(const std::string& name, const Sample& sample) {
    span(name, "run", now_us_, sample.ms * 1000, {{"run", sample.run}});
    graph(session_.graph(), sample, now_us_, now_us_ + sample.ms * 1000);
    now_us_ += sample.ms * 1000;
  }

  std::string text() && {
    const Json json{{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events_)}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }

 private:
  void span(const std::string& name, const char* kind, double start_us, double length_us, Json arguments) {
    events_.push_back({{"name", name},
                       {"cat", kind},
                       {"ph", "X"},
                       {"ts", start_us},
                       {"dur", length_us},
                       {"pid", 1},
                       {"tid", 1},
                       {"args", std::move(arguments)}});
  }

  /// Rounding must not let a span reach beyond the one it lies in: viewers would take it for a neighbour.
  void graph(int index, const Sample& sample, double start_us, double end_us) {
    for (size_t i : graphs_[index]) {
      if (i >= sample.nodes_ms.size() || sample.nodes_ms[i] <= 0) continue;  // folded, or not called
      const double length_us = std::clamp(end_us - start_us, 0.0, sample.nodes_ms[i] * 1000);
      node(i, sample.nodes_ms[i], start_us, length_us);
      double inner_us = start_us;
      for (int body : bodies_[i]) {
        graph(body, sample, inner_us, start_us + length_us);
        for (size_t called : graphs_[body])
          if (called < sample.nodes_ms.size()) inner_us += sample.nodes_ms[called] * 1000;
      }
      start_us += length_us;
    }
  }

  void node(size_t i, double ms, double start_us, double length_us) {
    const NodeProfile& node = profile_.nodes[i];
    Json arguments{{"inputs", node.inputs}, {"outputs", node.outputs}};
    if (node.graph == session_.graph() && node.macs > 0) {
      arguments["multiply-adds"] = node.macs;
      arguments["GOP/s"] = 2e-6 * static_cast<double>(node.macs) / ms;
    }
    span(node.op + " " + place(node, session_.graph()), "node", start_us, length_us, std::move(arguments));
  }

  const Session& session_;
  const Profile& profile_;
  std::map<int, std::vector<size_t>> graphs_;  ///< positions of nodes by graph
  std::map<size_t, std::vector<int>> bodies_;  ///< what a node alone calls
  Json events_ = Json::array();
  double now_us_ = 0;
};

}  // namespace

std::string trace_json(const Session& session, const Profile& profile, const Timeline& times, const std::string& file) {
  Trace trace(session, profile);
  trace.name(file);
  trace.phase("load", times.load_ms);
  trace.phase("prepare", times.prepare_ms);
  trace.run("first run", times.first);
  trace.run("run", times.usual);
  return std::move(trace).text();
}

}  // namespace tulle::cli
