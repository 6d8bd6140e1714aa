// WHILE: hands its inputs through one graph as long as another says so.
#include <algorithm>

#include "ops/control_flow.h"

namespace tulle::ops {
namespace {

/// A scalar and a vector of one, which loops take for each other.
bool single(const Shape& shape) { return shape.rank() <= 1 && shape.elements() == 1; }

Result<int> condition(const Site& site) {
  TULLE_TRY(const int graph, called_graph(site, "cond_subgraph_index", 0));
  Tensor verdict = {.dtype = DType::kBool};
  Tensor* const outputs[] = {&verdict};
  TULLE_CHECK(check_results(site, graph, outputs));
  return graph;
}

Result<void> shape(Site& site) {
  const std::vector<Shape> inputs = input_shapes(site, 0);
  if (site.output_count() != site.input_count())
    return site.invalid("{} inputs and {} outputs, expected as many", site.input_count(), site.output_count());
  TULLE_TRY(const int cond, condition(site));
  TULLE_TRY(const int body, called_graph(site, "body_subgraph_index", 0));
  TULLE_CHECK(check_results(site, body, site.inputs));
  TULLE_CHECK(check_results(site, body, site.outputs));
  TULLE_TRY(const std::vector<Shape> verdict, site.host->call_shapes(cond, inputs));
  if (verdict[0].known() && !single(verdict[0]))
    return site.invalid("output 0 of graph {} has shape {}, expected one bool", cond, to_string(verdict[0]));
  TULLE_TRY(const std::vector<Shape> answers, site.host->call_shapes(body, inputs));
  for (int i = 0; i < site.output_count(); ++i) {
    const bool same = answers[i].known() && (answers[i] == inputs[i] || (single(answers[i]) && single(inputs[i])));
    if (bits(site.out(i).dtype) == 0 || !same) return site.defer();
    TULLE_CHECK(site.set_shape(i, answers[i]));
  }
  return {};
}

Result<Kernel> prepare(Site& site) {
  const auto graph = [&](std::string_view name) { return static_cast<int>(site.attributes().integer(name)); };
  return [cond = graph("cond_subgraph_index"), body = graph("body_subgraph_index"), outputs = outputs_of(site),
          state = std::vector<Tensor>(site.inputs.size()), where = site.where()](const Io& io) mutable -> Result<void> {
    for (size_t i = 0; i < state.size(); ++i) state[i] = *io.inputs[i];
    TULLE_CHECK(copy_to_outputs(io, state, outputs, where));
    while (true) {
      // Planned outputs hold the state in the shapes it came in.
      for (size_t i = 0; i < state.size(); ++i) {
        if (outputs == Outputs::kResized)
          state[i] = *io.outputs[i];
        else
          state[i].data = io.outputs[i]->data;
      }
      TULLE_TRY(const auto verdict, io.host->call(cond, state));
      if (verdict[0].elements() != 1)
        return run_error(where, fmt::format("the condition came back with shape {}, expected one bool",
                                            to_string(verdict[0].shape)));
      if (*verdict[0].as<uint8_t>() == 0) return {};
      TULLE_TRY(const auto results, io.host->call(body, state));
      TULLE_CHECK(copy_to_outputs(io, results, outputs, where));
    }
  };
}

}  // namespace

extern const Op op_while_op = {
    .types = "any* > any*",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
