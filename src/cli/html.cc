// The page of inspect --html: styles, a summary table, and graphs laid out in lanes.
#include "cli/html.h"

#include <algorithm>

#include "graph/macs.h"

namespace tulle::cli {
namespace {

constexpr int kRow = 62, kLane = 250, kBoxWidth = 226, kBoxHeight = 40;
/// Larger graphs are cut here: a browser would not scroll them anyway.
constexpr size_t kMaxNodes = 5000;

constexpr const char* kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>
:root { color-scheme: light dark; --ink: #1d2733; --paper: #fbfbf9; --line: #9aa7b4; --box: #ffffff; --soft: #5d6b79; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --paper: #14181d; --line: #5a6875; --box: #1e252d; --soft: #9aa7b4; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; max-width: 1100px; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; overflow-wrap: anywhere; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p.soft { color: var(--soft); margin: 0 0 1rem; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15rem 1.2rem .15rem 0; vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
.drawing { overflow: auto; max-height: 80vh; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .small { font-size: 10.5px; fill: var(--soft); }
svg path { fill: none; stroke: var(--line); stroke-width: 1.4; }
svg g.node { cursor: pointer; } svg rect { fill: var(--box); stroke-width: 1.6; rx: 7; }
svg g.node:hover rect { stroke-width: 3; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--box); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .9rem; min-height: 1.5rem; position: sticky; bottom: 0; }
</style>
)";

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

/// A colour for each kind of operator, the same on every page.
std::string colour(std::string_view op) {
  uint32_t hash = 2166136261u;
  for (char c : op) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  return fmt::format("hsl({} 55% 52%)", hash % 360);
}

std::string operand(const Graph& graph, int32_t index) {
  if (index == kAbsent) return "-";
  const Value& value = graph.values[index];
  return fmt::format("%{} {} {}{}", index, name(value.dtype), to_string(value.signature.value_or(value.shape)),
                     value.name.empty() ? "" : " \"" + value.name.substr(0, 80) + "\"");
}

std::string attribute(const Attribute& value) {
  struct Show {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(int64_t v) const { return std::to_string(v); }
    std::string operator()(float v) const { return fmt::format("{}", v); }
    std::string operator()(const Symbol& v) const { return v.name; }
    std::string operator()(const std::string& v) const { return "\"" + v + "\""; }
    std::string operator()(const std::vector<int64_t>& v) const { return Json(v).dump(); }
    std::string operator()(const std::vector<float>& v) const { return Json(v).dump(); }
    std::string operator()(const std::vector<bool>& v) const { return fmt::format("{} flags", v.size()); }
    std::string operator()(const std::vector<Symbol>& v) const { return fmt::format("{} names", v.size()); }
    std::string operator()(const std::vector<std::byte>& v) const { return fmt::format("{} bytes", v.size()); }
  };
  return std::visit(Show{}, value);
}

std::string details(const Graph& graph, const Node& node, size_t index) {
  std::string text = fmt::format("node {} {} v{}\n", index, op_name(node), node.version);
  for (int32_t input : node.inputs) text += "  in  " + operand(graph, input) + "\n";
  for (int32_t output : node.outputs) text += "  out " + operand(graph, output) + "\n";
  for (const auto& [name, value] : node.attributes.entries) text += "  " + name + " = " + attribute(value) + "\n";
  if (const int64_t macs = count_macs(graph, node); macs > 0) text += fmt::format("  {} multiply-adds\n", macs);
  return text;
}

struct Place {
  int lane = 0, row = 0;
};

/// Each node goes below what it reads, in the lane of its first producer where no other node has followed that one yet.
std::vector<Place> lay_out(const Graph& graph, size_t count, const std::vector<int>& producer) {
  std::vector<Place> places(count);
  std::vector<int> lane_end;  // the node that holds each lane at the moment, or -1
  std::vector<int> last_reader(count, -1);
  for (size_t i = 0; i < count; ++i)
    for (int32_t input : graph.nodes[i].inputs)
      if (input != kAbsent && producer[input] >= 0) last_reader[producer[input]] = static_cast<int>(i);
  for (size_t i = 0; i < count; ++i) {
    int lane = -1;
    for (int32_t input : graph.nodes[i].inputs) {
      const int from = input == kAbsent ? -1 : producer[input];
      if (lane < 0 && from >= 0 && lane_end[places[from].lane] == from) lane = places[from].lane;
    }
    for (size_t l = 0; lane < 0 && l < lane_end.size(); ++l)
      if (lane_end[l] < 0 || last_reader[lane_end[l]] <= static_cast<int>(i)) lane = static_cast<int>(l);
    if (lane < 0) {
      lane = static_cast<int>(lane_end.size());
      lane_end.push_back(-1);
    }
    lane_end[lane] = static_cast<int>(i);
    places[i] = {lane, static_cast<int>(i)};
  }
  return places;
}

std::string draw(const Graph& graph) {
  const size_t count = std::min(graph.nodes.size(), kMaxNodes);
  std::vector<int> producer(graph.values.size(), -1);
  for (size_t i = 0; i < count; ++i)
    for (int32_t output : graph.nodes[i].outputs)
      if (output != kAbsent) producer[output] = static_cast<int>(i);
  const std::vector<Place> places = lay_out(graph, count, producer);
  int lanes = 1;
  for (const Place& place : places) lanes = std::max(lanes, place.lane + 1);
  const auto x = [](const Place& place) { return 20 + place.lane * kLane; };
  const auto y = [](const Place& place) { return 20 + place.row * kRow; };

  std::string svg = fmt::format("<div class=\"drawing\"><svg width=\"{}\" height=\"{}\">\n", 40 + lanes * kLane, 30 + static_cast<int>(count) * kRow);
  for (size_t i = 0; i < count; ++i)
    for (int32_t input : graph.nodes[i].inputs) {
      if (input == kAbsent || producer[input] < 0) continue;
      const Place from = places[producer[input]], to = places[i];
      const int x0 = x(from) + kBoxWidth / 2, y0 = y(from) + kBoxHeight, x1 = x(to) + kBoxWidth / 2, y1 = y(to);
      const int bend = from.lane == to.lane && to.row > from.row + 1 ? kBoxWidth / 2 + 14 : 0;  // around the boxes between
      svg += bend > 0 ? fmt::format("<path d=\"M{} {}C{} {} {} {} {} {}S{} {} {} {}\"/>\n", x0, y0, x0, y0 + 12, x0 + bend, y0, x0 + bend, y0 + 24, x1, y1 - 12, x1, y1)
                      : fmt::format("<path d=\"M{} {}C{} {} {} {} {} {}\"/>\n", x0, y0, x0, y0 + 16, x1, y1 - 16, x1, y1);
    }
  for (size_t i = 0; i < count; ++i) {
    const Node& node = graph.nodes[i];
    const int32_t output = node.outputs.empty() ? kAbsent : node.outputs[0];
    const std::string shape = output == kAbsent ? "" : std::string(name(graph.values[output].dtype)) + " " + to_string(graph.values[output].shape);
    svg += fmt::format("<g class=\"node\" data-text=\"{}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" stroke=\"{}\"/>"
                       "<text x=\"{}\" y=\"{}\">{} <tspan class=\"small\">{}</tspan></text><text class=\"small\" x=\"{}\" y=\"{}\">{}</text></g>\n",
                       [&] {
                         std::string text = escape("");
                         for (char c : details(graph, node, i)) text += c == '\n' ? "&#10;" : escape(std::string_view(&c, 1));
                         return text;
                       }(),
                       x(places[i]), y(places[i]), kBoxWidth, kBoxHeight, colour(op_name(node)), x(places[i]) + 10, y(places[i]) + 17,
                       escape(op_name(node).substr(0, 28)), i, x(places[i]) + 10, y(places[i]) + 32, shape);
  }
  svg += "</svg></div>\n";
  if (count < graph.nodes.size()) svg += fmt::format("<p class=\"soft\">The first {} of {} nodes.</p>\n", count, graph.nodes.size());
  return svg;
}

std::string row(std::string_view head, const std::string& text) { return fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", head, text); }

std::string ports(const Json& list) {
  std::string text;
  for (const Json& port : list) {
    text += escape(port["name"].get<std::string>()) + " · " + port["dtype"].get<std::string>() + " " + port["shape"].dump();
    if (port.contains("scale")) text += fmt::format(" · scale {} zero point {}", port["scale"].get<float>(), port["zero_point"].get<int64_t>());
    text += "<br>";
  }
  return text;
}

}  // namespace

std::string html_page(const Model& model, const Json& summary) {
  std::string file = summary["file"].get<std::string>();
  file = file.substr(file.rfind('/') + 1);
  std::string page = kHead;
  page += "<title>" + escape(file) + "</title></head><body>\n<h1>" + escape(file) + "</h1>\n<p class=\"soft\">" + escape(model.description) + "</p>\n<table>\n";
  page += row("Inputs", ports(summary["inputs"])) + row("Outputs", ports(summary["outputs"]));
  std::string ops;
  for (const auto& [name, count] : summary["ops"].items()) ops += fmt::format("{} × {}<br>", count.get<int>(), escape(name));
  page += row("Operators", ops);
  page += row("Work", fmt::format("{:.2f} million multiply-adds", static_cast<double>(summary["macs"].get<int64_t>()) / 1e6));
  page += row("Weights", fmt::format("{} bytes", summary["weights_bytes"].get<size_t>()));
  if (summary["runs"].get<bool>())
    page += row("Activations", fmt::format("{} bytes planned, {} at the least", summary["arena_bytes"].get<size_t>(), summary["arena_lower_bound_bytes"].get<size_t>()));
  else
    page += row("Cannot run", escape(summary["why_not"].get<std::string>()));
  page += "</table>\n";
  for (size_t i = 0; i < model.graphs.size(); ++i) {
    const std::string& name = model.graphs[i].name;
    page += fmt::format("<h2>Graph {}{}</h2>\n", i, name.empty() ? "" : " · " + escape(name)) + draw(model.graphs[i]);
  }
  page += R"(<pre id="details">Click a node to see its operands and attributes.</pre>
<script>
for (const node of document.querySelectorAll('g.node'))
  node.addEventListener('click', () => { document.getElementById('details').textContent = node.dataset.text; });
</script>
</body></html>
)";
  return page;
}

}  // namespace tulle::cli
