// The table of operators that call graphs.
#include "graph/calls.h"

namespace tulle {
namespace {

enum class Count : uint8_t { kOne, kList };
struct Row {
  const char* op;
  const char* attribute;
  Count count = Count::kOne;
};
constexpr Row kRows[] = {
    {"CALL", "subgraph"},
    {"IF", "then_subgraph_index"},
    {"IF", "else_subgraph_index"},
    {"WHILE", "cond_subgraph_index"},
    {"WHILE", "body_subgraph_index"},
    {"CALL_ONCE", "init_subgraph_index"},
    {"STABLEHLO_WHILE", "cond_subgraph_index"},
    {"STABLEHLO_WHILE", "body_subgraph_index"},
    {"STABLEHLO_REDUCE", "body_subgraph_index"},
    {"STABLEHLO_REDUCE_WINDOW", "body_subgraph_index"},
    {"STABLEHLO_SORT", "comparator_subgraph_index"},
    {"STABLEHLO_SCATTER", "update_computation_subgraph_index"},
    {"STABLEHLO_CASE", "branch_subgraph_indices", Count::kList},
    {"STABLEHLO_CUSTOM_CALL", "called_computations", Count::kList},
    {"STABLEHLO_COMPOSITE", "decomposition_subgraph_index"},
};

}  // namespace

std::vector<int64_t> called_graphs(const Node& node) {
  std::vector<int64_t> graphs;
  if (node.op == kCustomOp) return graphs;
  const std::string_view name = op_name(node);
  for (const Row& row : kRows) {
    if (name != row.op) continue;
    const Attribute* attribute = node.attributes.find(row.attribute);
    const auto* one = attribute == nullptr ? nullptr : std::get_if<int64_t>(attribute);
    const auto* list = attribute == nullptr ? nullptr : std::get_if<std::vector<int64_t>>(attribute);
    if (row.count == Count::kOne)
      graphs.push_back(one == nullptr ? kNoGraph : *one);
    else if (list != nullptr)
      graphs.insert(graphs.end(), list->begin(), list->end());
    else if (attribute != nullptr)
      graphs.push_back(kNoGraph);
  }
  return graphs;
}

}  // namespace tulle
