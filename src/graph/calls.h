// Which graphs a node calls: the bodies of control flow, named by attributes.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace tulle {

/// The graphs that the node's attributes name, in a fixed order; empty for nodes without bodies. Unchecked: indices may be
/// outside Model::graphs before verify has passed.
std::vector<int64_t> called_graphs(const Node& node);

}  // namespace tulle
