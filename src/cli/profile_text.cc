// A profile as JSON and as tables.
#include "cli/profile.h"

namespace tulle::cli {
namespace {

Json or_null(const std::optional<double>& number) { return number ? Json(*number) : Json(nullptr); }
Json or_null(double number) { return number > 0 ? Json(number) : Json(nullptr); }

Json entry(const NodeProfile& node) {
  return {{"graph", node.graph},
          {"node", node.node},
          {"op", node.op},
          {"dtype", node.dtype},
          {"shape", to_json(node.shape)},
          {"ms", node.ms},
          {"own_ms", node.own_ms},
          {"share", node.share},
          {"macs", node.macs},
          {"gops", or_null(node.gops)},
          {"peak_share", or_null(node.peak_share)},
          {"bytes", node.bytes},
          {"gbps", or_null(node.gbps)}};
}

Json entry(const OpProfile& op) {
  return {{"op", op.op}, {"count", op.count}, {"ms", op.ms}, {"share", op.share}, {"gops", or_null(op.gops)}};
}

std::string number(const std::optional<double>& value, double scale, int digits) {
  return value ? fmt::format("{:.{}f}", *value * scale, digits) : "-";
}

/// A name in one line and within its column.
std::string cell(std::string_view text, size_t width) {
  const std::string safe = harmless(text, "");
  return fmt::format("{:.{}}", safe, width);
}

}  // namespace

Json to_json(const Profile& profile) {
  Json json{
      {"nodes", Json::array()},
      {"ops", Json::array()},
      {"nodes_ms", profile.nodes_ms},
      {"peak", {{"float32_gops", or_null(profile.peak.float_gops)}, {"int8_gops", or_null(profile.peak.int8_gops)}}}};
  for (const NodeProfile& node : profile.nodes) json["nodes"].push_back(entry(node));
  for (const OpProfile& op : profile.ops) json["ops"].push_back(entry(op));
  return json;
}

std::string to_text(const Profile& profile, int session_graph) {
  // 115 columns, and a long name or shape is cut.
  std::string text = fmt::format("\n{:>7} {:<28} {:<25} {:>9} {:>6} {:>8} {:>6} {:>10} {:>8}\n", "node", "operator",
                                 "output", "ms", "%", "GOP/s", "peak %", "kB", "GB/s");
  for (const NodeProfile& node : profile.nodes)
    text +=
        fmt::format("{:>7} {:<28} {:<25} {:>9.4f} {:>6.2f} {:>8} {:>6} {:>10.1f} {:>8}\n", place(node, session_graph),
                    cell(node.op, 28), cell(fmt::format("{} {}", to_string(node.shape), node.dtype), 25), node.own_ms,
                    node.share * 100, number(node.gops, 1, 2), number(node.peak_share, 100, 1),
                    static_cast<double>(node.bytes) / 1000, number(node.gbps, 1, 2));
  text += fmt::format("\n{:>7} {:<28} {:>9} {:>6} {:>8}\n", "nodes", "operator", "ms", "%", "GOP/s");
  for (const OpProfile& op : profile.ops)
    text += fmt::format("{:>7} {:<28} {:>9.4f} {:>6.2f} {:>8}\n", op.count, cell(op.op, 28), op.ms, op.share * 100,
                        number(op.gops, 1, 2));
  text += fmt::format("{:>7} {:<28} {:>9.4f} {:>6.2f}\n", profile.nodes.size(), "all", profile.nodes_ms,
                      profile.nodes_ms > 0 ? 100.0 : 0.0);
  if (profile.peak.float_gops > 0)
    text += fmt::format("\npeak {:.1f} GFLOP/s in float32, {:.1f} GOP/s in int8\n", profile.peak.float_gops,
                        profile.peak.int8_gops);
  return text;
}

}  // namespace tulle::cli
