// How much work a node is.
#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace tulle {

/// Multiply-accumulates of a node for the shapes in the file: convolutions, fully connected, batch matrix products and
/// LSTM gates; 0 for everything else and for shapes not known. Saturates.
int64_t count_macs(const Graph& graph, const Node& node);

}  // namespace tulle
