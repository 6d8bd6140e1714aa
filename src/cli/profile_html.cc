// The page of bench --html: cards of facts, two flame charts, the table of nodes.
#include "cli/profile_html.h"

#include <algorithm>
#include <map>

#include "cli/html.h"
#include "cli/html_assets.h"
#include "cli/profile_assets.h"

namespace tulle::cli {
namespace {

/// Larger profiles are cut here: a browser would not scroll them anyway.
constexpr size_t kMaxNodes = 5000;
/// That hovering tells of.
constexpr size_t kMaxOperands = 8;

std::string number(const std::optional<double>& value, double scale, int digits) {
  return value ? fmt::format("{:.{}f}", *value * scale, digits) : "";
}

/// A name out of the model as it may stand in the page.
std::string safe(std::string_view name) { return escape(harmless(name, "")); }

std::string row(std::string_view name, std::string_view text) {
  return fmt::format("<span>{}</span><div>{}</div>", name, text);
}

class Page {
 public:
  Page(const Profile& profile, const Json& summary, int session_graph)
      : profile_(profile), summary_(summary), session_graph_(session_graph) {
    // Neighbours in the list of operators differ most.
    for (const OpProfile& op : profile.ops)
      hues_.try_emplace(op.op, (205 + 137 * static_cast<int>(hues_.size())) % 360);
    for (const NodeProfile& node : profile.nodes) largest_ = std::max(largest_, node.share);
  }

  std::string cards() const {
    return "<div class=\"cards\">\n" + card("Time of a run", facts(run_facts())) +
           card("Before the first answer", facts(start_facts())) + card("Machine", facts(machine_facts())) +
           card("Memory", facts(memory_facts())) + "</div>\n";
  }

  /// Run, operators, nodes: each row divides what is above it.
  std::string by_operator() const {
    std::string bars = bar(0, 0, 100, "run", 210, "run", ms(profile_.nodes_ms) + " in nodes", run_tip());
    std::map<std::string, std::vector<size_t>, std::less<>> members;
    for (size_t i = 0; i < profile_.nodes.size(); ++i) members[profile_.nodes[i].op].push_back(i);
    double x = 0;
    for (const OpProfile& op : profile_.ops) {
      if (op.share <= 0) continue;
      const std::string sum = fmt::format("{} · {:.1f} %", ms(op.ms), op.share * 100);
      bars += bar(1, x, op.share * 100, "", hues_.at(op.op), op.op, sum, op_tip(op));
      double inner = x;
      bool odd = false;
      for (size_t i : members[op.op]) {
        if (profile_.nodes[i].share <= 0) continue;
        bars += node_bar(i, 2, inner, profile_.nodes[i].share * 100, odd = !odd);
        inner += profile_.nodes[i].share * 100;
      }
      x += op.share * 100;
    }
    return chart(3, bars);
  }

  std::string in_time_order() const {
    double sum = 0, x = 0;
    for (const NodeProfile& node : profile_.nodes) sum += node.graph == session_graph_ ? node.ms : 0;
    std::string bars;
    bool odd = false;
    for (size_t i = 0; i < profile_.nodes.size(); ++i) {
      const NodeProfile& node = profile_.nodes[i];
      if (node.graph != session_graph_ || node.ms <= 0) continue;
      bars += node_bar(i, 0, x, node.ms / sum * 100, odd = !odd);
      x += node.ms / sum * 100;
    }
    return chart(1, bars);
  }

  std::string operators() const {
    std::string text = "<div class=\"ops\">";
    for (const OpProfile& op : profile_.ops)
      text += fmt::format(
          "<span>{}</span><b>{}</b><i style=\"--h:{};width:{:.1f}%\"></i><span class=\"soft\">{} · {:.1f} %{}</span>",
          op.count, safe(op.op), hues_.at(op.op), op.share * 100, ms(op.ms), op.share * 100,
          op.gops ? fmt::format(" · {:.1f} GOP/s", *op.gops) : "");
    return card("", text + "</div>");
  }

  std::string table() const {
    std::string text =
        "<div class=\"card wide\"><table><thead><tr><th>node</th><th class=\"left\">operator</th>"
        "<th class=\"left\">output</th><th>ms</th><th>share</th><th>GOP/s</th><th>of peak</th><th>kB</th>"
        "<th>GB/s</th></tr></thead>\n<tbody>";
    const size_t count = std::min(profile_.nodes.size(), kMaxNodes);
    for (size_t i = 0; i < count; ++i) text += table_row(i);
    text += "</tbody></table></div>\n";
    if (count < profile_.nodes.size())
      text += fmt::format("<p class=\"soft\">The first {} of {} nodes.</p>\n", count, profile_.nodes.size());
    return text;
  }

 private:
  using Facts = std::vector<std::pair<const char*, std::string>>;

  static std::string facts(const Facts& list) {
    std::string text = "<div class=\"facts\">";
    for (const auto& [name, value] : list) text += row(name, "<b>" + value + "</b>");
    return text + "</div>";
  }
  static std::string ms(double value) { return fmt::format("{:.{}f} ms", value, value < 1 ? 4 : value < 100 ? 3 : 1); }
  std::string time(const char* key) const { return ms(summary_[key].get<double>()); }
  std::string size(const char* key) const { return amount(summary_["memory"][key].get<int64_t>(), "B"); }

  Facts run_facts() const {
    return {{"median", time("p50_ms")},
            {"90 % within", time("p90_ms")},
            {"99 % within", time("p99_ms")},
            {"fastest", time("min_ms")},
            {"runs", std::to_string(summary_["runs"].get<size_t>())}};
  }
  Facts start_facts() const {
    return {{"load", time("load_ms")}, {"prepare", time("prepare_ms")}, {"first run", time("first_ms")}};
  }
  Facts machine_facts() const {
    Facts list{{"kernels", summary_["isa"].get<std::string>()},
               {"threads", std::to_string(summary_["threads"].get<int>())}};
    if (profile_.peak.float_gops <= 0) return list;
    list.push_back({"peak float32", fmt::format("{:.1f} GFLOP/s", profile_.peak.float_gops)});
    list.push_back({"peak int8", fmt::format("{:.1f} GOP/s", profile_.peak.int8_gops)});
    return list;
  }
  Facts memory_facts() const {
    return {{"arena", size("arena_bytes")},
            {"no plan below", size("arena_lower_bound_bytes")},
            {"folded, packed", size("folded_bytes")},
            {"variables", size("variable_bytes")},
            {"peak resident", size("peak_rss_bytes")}};
  }

  static std::string chart(int rows, const std::string& bars) {
    return fmt::format("<div class=\"card\"><div class=\"flame\" style=\"--rows:{}\">\n{}</div></div>\n", rows, bars);
  }
  /// `more` are further attributes.
  static std::string bar(int row, double x, double width, std::string_view kind, int hue, std::string_view head,
                         std::string_view small, const std::string& tip, std::string_view more = "") {
    return fmt::format(
        "<i class=\"{}\"{} style=\"--row:{};--x:{:.5f};--w:{:.5f};--h:{}\" data-tip=\"{}\"><span>{}<small>{}</small>"
        "</span></i>\n",
        kind, more, row, x, width, hue, tip, safe(head), safe(small));
  }
  std::string node_bar(size_t i, int row, double x, double width, bool odd) const {
    const NodeProfile& node = profile_.nodes[i];
    return bar(row, x, width, odd ? "odd" : "", hues_.at(node.op), place(node, session_graph_) + " " + node.op,
               fmt::format("{} · {}", ms(node.ms), to_string(node.shape)), tip(node),
               fmt::format(" data-node=\"{}\"", i));
  }

  std::string run_tip() const {
    return fmt::format("run\n{} in {} nodes; the median run takes {}", ms(profile_.nodes_ms), profile_.nodes.size(),
                       time("p50_ms"));
  }
  static std::string op_tip(const OpProfile& op) {
    std::string text = fmt::format("{}\n{} {}\n{} · {:.2f} %", safe(op.op), op.count, op.count == 1 ? "node" : "nodes",
                                   ms(op.ms), op.share * 100);
    if (op.gops) text += fmt::format("\n{:.2f} GOP/s", *op.gops);
    return lines(text);
  }
  std::string tip(const NodeProfile& node) const {
    std::string text =
        fmt::format("{} {}\n{} · {:.2f} %", safe(node.op), place(node, session_graph_), ms(node.ms), node.share * 100);
    if (node.gops) text += fmt::format("\n{:.2f} GOP/s", *node.gops);
    if (node.peak_share) text += fmt::format(", {:.1f} % of the peak", *node.peak_share * 100);
    if (node.macs > 0) text += "\n" + amount(node.macs, "multiply-adds");
    text += "\n" + amount(node.bytes, "B") + " of operands";
    if (node.gbps) text += fmt::format(", {:.2f} GB/s", *node.gbps);
    for (size_t k = 0; k < std::min(node.inputs.size(), kMaxOperands); ++k) text += "\nin " + node.inputs[k];
    for (size_t k = 0; k < std::min(node.outputs.size(), kMaxOperands); ++k) text += "\nout " + node.outputs[k];
    return lines(text);
  }
  /// Line ends as an attribute keeps them.
  static std::string lines(const std::string& text) {
    std::string out;
    for (char c : text) c == '\n' ? out += "&#10;" : out += c;
    return out;
  }

  std::string table_row(size_t i) const {
    const NodeProfile& node = profile_.nodes[i];
    const auto cell = [](const std::string& text, double key) {
      return fmt::format("<td data-v=\"{}\">{}</td>", key, text);
    };
    const auto rate = [&](const std::optional<double>& value, double scale, int digits, const char* unit) {
      return cell(value ? number(value, scale, digits) + unit : "", value.value_or(-1));
    };
    std::string text = fmt::format("<tr data-node=\"{}\">", i);
    text += cell(place(node, session_graph_), static_cast<double>(i));
    text += fmt::format("<td class=\"left\"><i class=\"dot\" style=\"--h:{}\"></i>{}</td>", hues_.at(node.op),
                        safe(node.op));
    text += fmt::format("<td class=\"left\">{} {}</td>", to_string(node.shape), node.dtype);
    text += cell(fmt::format("{:.4f}", node.own_ms), node.own_ms);
    text += fmt::format("<td class=\"share\" data-v=\"{}\" style=\"--h:{};--w:{:.2f}\">{:.2f} %</td>", node.share,
                        hues_.at(node.op), node.share / largest_ * 100, node.share * 100);
    text += rate(node.gops, 1, 1, "") + rate(node.peak_share, 100, 1, " %");
    text += cell(fmt::format("{:.1f}", static_cast<double>(node.bytes) / 1000), static_cast<double>(node.bytes));
    return text + rate(node.gbps, 1, 2, "") + "</tr>\n";
  }

  const Profile& profile_;
  const Json& summary_;
  int session_graph_;
  std::map<std::string, int, std::less<>> hues_;
  double largest_ = 1e-9;  ///< share of a node
};

}  // namespace

std::string profile_page(const Profile& profile, const Json& summary, const std::string& file, int session_graph) {
  const std::string title = safe(file.substr(file.rfind('/') + 1));
  const Page page(profile, summary, session_graph);
  std::string text =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">\n";
  text += "<title>" + title + "</title><style>" + kStyle + kProfileStyle + "</style></head><body>\n";
  text += "<h1>" + title +
          "</h1>\n<p class=\"soft\">Where the time of a run goes. A click on a bar shows it in full, "
          "a second click or Escape shows all.</p>\n";
  text += page.cards() + "<h2>By operator</h2>\n" + page.by_operator();
  text += "<h2>In the order of running</h2>\n" + page.in_time_order();
  text += "<h2>Operators</h2>\n" + page.operators() + "<h2>Nodes</h2>\n" + page.table();
  return text + "<div class=\"tip\" hidden></div>\n<script>" + kProfileScript + "</script>\n</body></html>\n";
}

}  // namespace tulle::cli
