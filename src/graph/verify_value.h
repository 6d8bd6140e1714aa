// The part of verify that looks at one value: shape, constant bytes, quantisation, sparsity.
#pragma once

#include <set>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tulle {

/// What is known of a model before its values are looked at.
struct ValueRules {
  const Model& model;
  std::set<uint32_t> external_ids;  ///< of Model::external_buffers
  std::vector<bool> string_tables;  ///< by buffer: offsets seen to be in order, so that a shared one is walked once
};

/// Checks everything that concerns the value alone. Errors say what is wrong, not with which value.
Result<void> check_value(ValueRules& rules, const Graph& graph, const Value& value);

}  // namespace tulle
