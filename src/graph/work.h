// What a node reads and writes.
#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace tulle {

/// Bytes of a node's inputs, weights and outputs for the shapes in the file, each operand whole and once however often
/// the node reads it: constants as they are stored, values without a known shape or size as 0.
int64_t count_bytes(const Model& model, const Graph& graph, const Node& node);

}  // namespace tulle
