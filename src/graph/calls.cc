// The table of operators that call graphs.
#include "graph/calls.h"

namespace tulle {
namespace {

struct Row {
  const char* op;
  const char* attribute;  // an integer or a list of integers
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
    {"STABLEHLO_CASE", "branch_subgraph_indices"},
    {"STABLEHLO_CUSTOM_CALL", "called_computations"},
    {"STABLEHLO_COMPOSITE", "decomposition_subgraph_index"},
};

}  // namespace

std::vector<int64_t> called_graphs(const Node& node) {
  std::vector<int64_t> graphs;
  if (node.attributes.table.empty()) return graphs;
  const std::string_view name = op_name(node);
  for (const Row& row : kRows) {
    if (name != row.op || node.op == kCustomOp) continue;
    const Attribute* attribute = node.attributes.find(row.attribute);
    if (attribute == nullptr) continue;
    if (const auto* one = std::get_if<int64_t>(attribute)) graphs.push_back(*one);
    if (const auto* list = std::get_if<std::vector<int64_t>>(attribute)) graphs.insert(graphs.end(), list->begin(), list->end());
  }
  return graphs;
}

}  // namespace tulle
