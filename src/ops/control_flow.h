// What operators share that run other graphs: checks of the graphs they name, and copies of what those hand back.
#pragma once

#include "ops/op.h"

namespace tulle::ops {

/// The graph that an attribute names. Its inputs must have the types of the node's inputs from `first_input` on.
Result<int> called_graph(const Site& site, std::string_view attribute, int first_input);
/// The outputs of the graph must be as many as these and have their types.
Result<void> check_results(const Site& site, int graph, std::span<Tensor* const> outputs);

/// The shapes of the node's inputs from `first` on.
std::vector<Shape> input_shapes(const Site& site, int first);

/// How outputs get their memory: planned where the shape rule gave their shapes, else when the answer is there.
enum class Outputs { kPlanned, kResized };
inline Outputs outputs_of(const Site& site) { return site.deferred() ? Outputs::kResized : Outputs::kPlanned; }

/// Makes each output a copy of the tensor in the same place. Planned outputs keep their shape; sizes must agree.
Result<void> copy_to_outputs(const Io& io, std::span<const Tensor> results, Outputs outputs, std::string_view where);

}  // namespace tulle::ops
