// The page of inspect --html: cards of facts, then every graph drawn, with a panel about the chosen node.
#include "cli/html.h"

#include <algorithm>

#include "cli/html_assets.h"
#include "cli/html_layout.h"
#include "graph/macs.h"

namespace tulle::cli {
namespace {

constexpr int kBoxWidth = 228, kBoxHeight = 40, kRow = 64, kGap = 26, kChannel = 9, kMargin = 20;
/// Larger graphs are cut here: a browser would not scroll them anyway.
constexpr size_t kMaxNodes = 5000;

std::string described(const Value& value) {
  return fmt::format("{} {}", name(value.dtype), to_string(value.signature.value_or(value.shape)));
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

/// What the panel tells of a node: pairs of a name and a text.
Json facts(const Model& model, const Graph& graph, const Node& node) {
  Json list = Json::array();
  const auto operands = [&](const char* what, std::span<const int32_t> values) {
    for (int32_t index : values) {
      if (index == kAbsent) continue;
      const Value& value = graph.values[index];
      std::string text = described(value) + (value.name.empty() ? "" : " " + value.name.substr(0, 160));
      if (const size_t bytes = model.buffers[value.buffer].bytes.size(); bytes > 0)
        text += fmt::format(", constant, {} bytes", bytes);
      if (const Quantization* q = value.quantization.get(); q != nullptr && q->per_tensor())
        text += fmt::format(", scale {} zero {}", q->scale[0], q->zero_point.empty() ? 0 : q->zero_point[0]);
      else if (q != nullptr && q->per_axis())
        text += fmt::format(", {} scales", q->scale.size());
      list.push_back({fmt::format("{} %{}", what, index), text});
    }
  };
  operands("in", node.inputs);
  operands("out", node.outputs);
  for (const auto& [name, value] : node.attributes.entries) list.push_back({name, attribute(value)});
  list.push_back({"version", std::to_string(node.version)});
  if (const int64_t macs = count_macs(graph, node); macs > 0) list.push_back({"work", amount(macs, "multiply-adds")});
  return list;
}

/// Colours of operators on one page: neighbours in the list of counts differ most.
struct Palette {
  std::map<std::string, int, std::less<>> hues;
  explicit Palette(const Json& ops) {
    int i = 0;
    for (const auto& [name, count] : ops.items()) hues[name] = (205 + 137 * i++) % 360;
  }
  int hue(std::string_view op) const {
    const auto found = hues.find(op);
    return found == hues.end() ? 0 : found->second;
  }
};

struct Drawing {
  const Graph& graph;
  const Palette& palette;
  Layout layout;
  std::vector<int> lane_x;

  Drawing(const Graph& drawn, const Palette& colours, size_t count)
      : graph(drawn), palette(colours), layout(lay_out(drawn, count)) {
    int x = kMargin;
    for (int channels : layout.channels) {
      lane_x.push_back(x);
      x += kBoxWidth + kGap + channels * kChannel;
    }
    lane_x.push_back(x);
  }
  int x(const Box& box) const { return lane_x[static_cast<size_t>(box.lane)]; }
  static int y(const Box& box) { return kMargin + box.row * kRow; }

  std::string line(const Line& line) const {
    const Box &from = layout.boxes[line.from], &to = layout.boxes[line.to];
    const int x0 = x(from) + kBoxWidth / 2, y0 = y(from) + kBoxHeight, x1 = x(to) + kBoxWidth / 2, y1 = y(to),
              gap = kRow - kBoxHeight;
    std::string path = fmt::format("C{} {} {} {} {} {}", x0, y0 + gap / 2, x1, y1 - gap / 2, x1, y1);
    if (line.channel >= 0) {
      const int side = x(from) + kBoxWidth + kGap / 2 + line.channel * kChannel;
      path = fmt::format("C{} {} {} {} {} {}V{}C{} {} {} {} {} {}", x0, y0 + gap * 3 / 4, side, y0, side, y0 + gap,
                         y1 - gap, side, y1, x1, y1 - gap * 3 / 4, x1, y1);
    }
    return fmt::format("<path data-from=\"{}\" data-to=\"{}\" d=\"M{} {}{}\"/>\n", from.node, to.node, x0, y0, path);
  }

  std::string box(const Box& box, int64_t total_macs) const {
    const int left = x(box), top = y(box);
    const auto rect = [&](const char* kind, int height, int width) {
      return fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>", kind, left,
                         top + kBoxHeight - height, width, height);
    };
    const auto text = [&](const char* kind, int down, const std::string& words) {
      return fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>", kind, left + 11, top + down, words);
    };
    const std::string shape = box.value == kAbsent ? "" : described(graph.values[box.value]);
    if (box.node < 0) {
      const std::string name = graph.values[box.value].name;
      return "<g>" + rect("port", kBoxHeight, kBoxWidth) +
             text("", 17, escape(name.size() > 30 ? name.substr(0, 29) + "…" : name)) + text("small", 32, shape) +
             "</g>\n";
    }
    const Node& node = graph.nodes[static_cast<size_t>(box.node)];
    const std::string op(op_name(node).substr(0, 29));
    std::string group =
        fmt::format("<g data-node=\"{}\" tabindex=\"0\" style=\"--h:{}\">", box.node, palette.hue(op_name(node)));
    group += rect("box", kBoxHeight, kBoxWidth);
    if (const int64_t macs = count_macs(graph, node); macs > 0 && total_macs > 0)
      group +=
          rect("work", 3,
               std::max(1, static_cast<int>(static_cast<double>(macs) / static_cast<double>(total_macs) * kBoxWidth)));
    return group + text("", 17, fmt::format("{} <tspan class=\"small\">{}</tspan>", escape(op), box.node)) +
           text("small", 32, shape) + "</g>\n";
  }
};

std::string draw(const Model& model, size_t index, const Palette& palette, int64_t macs) {
  const Graph& graph = model.graphs[index];
  const size_t count = std::min(graph.nodes.size(), kMaxNodes);
  const Drawing drawing(graph, palette, count);
  std::string out = fmt::format("<h2>Graph {}{}</h2>\n<div class=\"stage\" data-graph=\"{}\">\n<div class=\"drawing\">",
                                index, graph.name.empty() ? "" : " · " + escape(graph.name), index);
  out += fmt::format("<svg width=\"{}\" height=\"{}\">\n", drawing.lane_x.back(),
                     2 * kMargin + drawing.layout.rows * kRow);
  for (const Line& line : drawing.layout.lines) out += drawing.line(line);
  for (const Box& box : drawing.layout.boxes) out += drawing.box(box, macs);
  out +=
      "</svg></div>\n<div class=\"card side\"><input type=\"search\" placeholder=\"find an operator, tensor or "
      "type\"><h3></h3><table></table></div>\n</div>\n";
  if (count < graph.nodes.size())
    out += fmt::format("<p class=\"soft\">The first {} of {} nodes.</p>\n", count, graph.nodes.size());
  return out;
}

std::string ports(const Json& list) {
  std::string text;
  for (const Json& port : list) {
    text += "<b>" + escape(port["name"].get<std::string>()) + "</b><br>" + port["dtype"].get<std::string>() + " " +
            port["shape"].dump();
    if (port["scale"].get<float>() != 0)
      text += fmt::format(" · scale {} · zero point {}", port["scale"].get<float>(), port["zero_point"].get<int64_t>());
    text += "<br>";
  }
  return text.empty() ? "none" : text;
}

std::string operators(const Model& model, const Json& summary, const Palette& palette) {
  std::map<std::string, int64_t, std::less<>> macs;
  for (const Graph& graph : model.graphs)
    for (const Node& node : graph.nodes) macs[std::string(op_name(node))] += count_macs(graph, node);
  const auto total = static_cast<double>(std::max<int64_t>(1, summary["macs"].get<int64_t>()));
  std::string rows = "<div class=\"ops\">";
  for (const auto& [name, count] : summary["ops"].items()) {
    const double share = static_cast<double>(macs[name]) / total;
    rows += fmt::format("<span>{}</span><b>{}</b><i style=\"--h:{};width:{:.1f}%\"></i><span class=\"soft\">{}</span>",
                        count.get<int>(), escape(name), palette.hue(name), share * 100,
                        macs[name] > 0 ? fmt::format("{:.1f} %", share * 100) : "");
  }
  return rows + "</div>";
}

}  // namespace

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

std::string card(std::string_view head, const std::string& body) {
  return fmt::format("<div class=\"card\"><h3>{}</h3>{}</div>\n", head, body);
}

std::string html_page(const Model& model, const Json& summary) {
  std::string file = summary["file"].get<std::string>();
  file = file.substr(file.rfind('/') + 1);
  const Palette palette(summary["ops"]);
  const auto macs = summary["macs"].get<int64_t>();
  std::string page =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">\n";
  page += "<title>" + escape(file) + "</title><style>" + kStyle + "</style></head><body>\n";
  page +=
      "<h1>" + escape(file) + "</h1>\n<p class=\"soft\">" + escape(model.description) + "</p>\n<div class=\"cards\">\n";
  page += card("Inputs", ports(summary["inputs"])) + card("Outputs", ports(summary["outputs"]));
  std::string sizes = "<b>" + amount(macs, "multiply-adds") + "</b><br><b>" +
                      amount(summary["weights_bytes"].get<int64_t>(), "B") + "</b> of weights<br>";
  if (summary["runs"].get<bool>())
    sizes += fmt::format("<b>{}</b> of activations; no plan needs less than {}",
                         amount(summary["arena_bytes"].get<int64_t>(), "B"),
                         amount(summary["arena_lower_bound_bytes"].get<int64_t>(), "B"));
  else
    sizes += "Cannot run: " + escape(summary["why_not"].get<std::string>());
  page += card("Work and memory", sizes);
  std::string signatures;
  for (const Json& signature : summary["signatures"]) {
    signatures += "<b>" + escape(signature["key"].get<std::string>()) + "</b><br>";
    for (const char* way : {"inputs", "outputs"})
      for (const Json& port : signature[way])
        signatures += fmt::format("{} {} · {} {}<br>", *way == 'i' ? "→" : "←", escape(port["name"].get<std::string>()),
                                  port["dtype"].get<std::string>(), port["shape"].dump());
  }
  if (!signatures.empty()) page += card("Signatures", signatures);
  page += "</div>\n<h2>Operators and their share of the work</h2>\n" + card("", operators(model, summary, palette));
  Json graphs = Json::array();
  for (size_t i = 0; i < model.graphs.size(); ++i) {
    page += draw(model, i, palette, macs);
    Json nodes = Json::array();
    for (size_t n = 0; n < std::min(model.graphs[i].nodes.size(), kMaxNodes); ++n) {
      const Node& node = model.graphs[i].nodes[n];
      nodes.push_back({{"op", std::string(op_name(node))}, {"facts", facts(model, model.graphs[i], node)}});
    }
    graphs.push_back(std::move(nodes));
  }
  std::string data = graphs.dump(-1, ' ', true, Json::error_handler_t::replace);
  for (size_t at = 0; (at = data.find('<', at)) != std::string::npos; at += 6) data.replace(at, 1, "\\u003c");
  page += "<script>\nconst graphs = " + data + ";" + kScript + "</script>\n</body></html>\n";
  return page;
}

}  // namespace tulle::cli
