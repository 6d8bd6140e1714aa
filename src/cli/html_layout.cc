// Rows by depth, lanes by what is free, channels by intervals.
#include "cli/html_layout.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace tulle::cli {
namespace {

struct Builder {
  Layout layout;
  std::vector<int> maker;               ///< of each value: the box, or -1
  std::vector<std::set<int>> occupied;  ///< lanes of each row

  void place(Box box, std::span<const int32_t> reads) {
    const size_t index = layout.boxes.size();
    int lane = 0;
    for (int32_t value : reads) {
      if (value == kAbsent || maker[value] < 0) continue;
      const auto from = static_cast<size_t>(maker[value]);
      layout.lines.push_back({from, index});
      if (layout.boxes[from].row < box.row) continue;
      box.row = layout.boxes[from].row + 1;
      lane = layout.boxes[from].lane;
    }
    layout.rows = std::max(layout.rows, box.row + 1);
    occupied.resize(static_cast<size_t>(layout.rows));
    auto& taken = occupied[static_cast<size_t>(box.row)];
    for (int distance = 0;; ++distance) {
      const int right = lane + distance, left = lane - distance;
      if (left >= 0 && !taken.contains(left))
        box.lane = left;
      else if (!taken.contains(right))
        box.lane = right;
      else
        continue;
      break;
    }
    taken.insert(box.lane);
    if (static_cast<size_t>(box.lane) >= layout.channels.size())
      layout.channels.resize(static_cast<size_t>(box.lane) + 1);
    layout.boxes.push_back(box);
  }

  void assign_channels() {
    auto& boxes = layout.boxes;
    std::vector<int> end(boxes.size());  // the last row that a long line of each box's leads to
    for (const Line& line : layout.lines)
      if (boxes[line.to].row > boxes[line.from].row + 1) end[line.from] = std::max(end[line.from], boxes[line.to].row);
    std::vector<size_t> order(boxes.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, {}, [&](size_t box) { return boxes[box].row; });
    std::vector<int> channel(boxes.size(), -1);
    std::vector<std::vector<int>> busy(layout.channels.size());  // until which row each channel of each lane is
    for (size_t box : order) {
      if (end[box] == 0) continue;
      auto& lane = busy[static_cast<size_t>(boxes[box].lane)];
      const auto free = std::ranges::find_if(lane, [&](int until) { return until <= boxes[box].row; });
      channel[box] = static_cast<int>(free - lane.begin());
      if (free == lane.end())
        lane.push_back(end[box]);
      else
        *free = end[box];
    }
    for (Line& line : layout.lines)
      if (boxes[line.to].row > boxes[line.from].row + 1) line.channel = channel[line.from];
    for (size_t lane = 0; lane < busy.size(); ++lane) layout.channels[lane] = static_cast<int>(busy[lane].size());
  }
};

}  // namespace

Layout lay_out(const Graph& graph, size_t count) {
  Builder builder;
  builder.maker.assign(graph.values.size(), -1);
  const auto made = [&](int32_t value) { builder.maker[value] = static_cast<int>(builder.layout.boxes.size()) - 1; };
  for (int32_t input : graph.inputs) {
    builder.place({-1, input}, {});
    made(input);
  }
  for (size_t i = 0; i < count; ++i) {
    const Node& node = graph.nodes[i];
    builder.place({static_cast<int>(i), node.outputs.empty() ? kAbsent : node.outputs[0]}, node.inputs);
    for (int32_t output : node.outputs)
      if (output != kAbsent) made(output);
  }
  for (int32_t output : graph.outputs) builder.place({-1, output}, {{output}});
  builder.assign_channels();
  return std::move(builder.layout);
}

}  // namespace tulle::cli
