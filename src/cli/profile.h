// Where the time of a model goes, node by node.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/bench_peak.h"
#include "cli/verb.h"

namespace tulle::cli {

/// One run: how long it took, and each node of it in the order of Session::timings.
struct Sample {
  size_t run = 0;  ///< which of the runs counted, from 1; 0 for the first of all
  double ms = 0;
  std::vector<double> nodes_ms;
};
Sample make_sample(const Session& session, size_t run, double ms);

/// The latest runs, at most kKept of them.
class Samples {
 public:
  static constexpr size_t kKept = 1000;

  void add(Sample sample);
  /// The middle one of the times that node i took.
  double median(size_t i) const;
  /// The run whose time is nearest to this one.
  const Sample& nearest(double ms) const;

 private:
  std::vector<Sample> kept_;
  size_t next_ = 0;  ///< which one the next takes the place of
};

/// Rates are missing where they mean nothing: for work of zero, nodes that did not run, nodes of called graphs (which
/// run an unknown number of times) and types without a peak.
struct NodeProfile {
  int graph = 0, node = 0;
  std::string op, dtype;  ///< dtype and shape are of the first output
  Shape shape;
  double ms = 0;      ///< median, with the graphs it calls
  double own_ms = 0;  ///< without them
  double share = 0;   ///< own_ms of the sum over all nodes
  int64_t macs = 0, bytes = 0;
  std::optional<double> gops, gbps, peak_share;
  std::vector<std::string> inputs, outputs;  ///< "[1,224,224,3] int8"
};

struct OpProfile {
  std::string op;
  int count = 0;
  double ms = 0, share = 0;
  std::optional<double> gops;
};

struct Profile {
  Peak peak;
  double nodes_ms = 0;             ///< the sum of own_ms
  std::vector<NodeProfile> nodes;  ///< as Session::timings has them
  std::vector<OpProfile> ops;      ///< longest first
};
Profile make_profile(const Session& session, const Samples& samples, const Peak& peak);

/// The graphs that one node alone calls, and its position in Profile::nodes. The graph that the session runs is none of
/// them, so no graph is reached through itself.
std::map<int, size_t> only_callers(const Session& session, const Profile& profile);

/// "12", or "1:12" for a node of a graph that another calls.
std::string place(const NodeProfile& node, int session_graph);

/// The members that --profile adds: nodes, ops, nodes_ms, peak.
Json to_json(const Profile& profile);
/// Two tables for people, nodes and operators.
std::string to_text(const Profile& profile, int session_graph);

}  // namespace tulle::cli
