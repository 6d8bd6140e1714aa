// verify: the structural check every model passes once, before anything else looks at it.
#pragma once

#include "base/result.h"
#include "graph/graph.h"

namespace tulle {

/// Checks every index, shape and type, that constants have as many bytes as their shape and type say, that nodes come
/// after what they read, that no value is computed twice or is both constant and computed, and that calls between
/// graphs (IF, WHILE, CALL_ONCE, STABLEHLO_*) have no cycle. After it, code may index without looking: constants that
/// nodes read are dense and at hand, but for sparse ones, which only DENSIFY may read. Takes time and memory linear in
/// the model. The error names graph, node and value.
Result<void> verify(const Model& model);

}  // namespace tulle
