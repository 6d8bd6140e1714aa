// Bytes by operand.
#include "graph/work.h"

#include <algorithm>
#include <set>

namespace tulle {
namespace {

int64_t bytes(const Model& model, const Value& value) {
  if (const auto data = model.data(value); !data.empty()) return static_cast<int64_t>(data.size());
  return byte_size(value.dtype, std::max<int64_t>(0, value.shape.elements()));
}

}  // namespace

int64_t count_bytes(const Model& model, const Graph& graph, const Node& node) {
  int64_t sum = 0;
  const auto add = [&](const std::set<int32_t>& values) {
    for (int32_t value : values)
      if (value != kAbsent) sum += bytes(model, graph.values[static_cast<size_t>(value)]);
  };
  add({node.inputs.begin(), node.inputs.end()});
  add({node.outputs.begin(), node.outputs.end()});
  return sum;
}

}  // namespace tulle
