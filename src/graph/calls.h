// Which graphs a node calls: the bodies of control flow, named by attributes.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace tulle {

inline constexpr int64_t kNoGraph = -1;

/// The graphs that the node's attributes name, in a fixed order; empty for nodes without bodies. Unchecked: indices may
/// be outside Model::graphs before verify has passed; kNoGraph stands for an attribute that is left out or no integer.
std::vector<int64_t> called_graphs(const Node& node);

}  // namespace tulle
