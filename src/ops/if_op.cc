// IF: runs one of two graphs on inputs 1… and hands back its outputs.
#include "ops/control_flow.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (site.in(0).elements() != 1)
    return site.invalid("input 0 has shape {}, expected one bool", to_string(site.in(0).shape));
  const std::vector<Shape> inputs = input_shapes(site, 1);
  std::vector<Shape> answers[2];
  for (int branch = 0; branch < 2; ++branch) {
    TULLE_TRY(const int graph, called_graph(site, branch == 0 ? "then_subgraph_index" : "else_subgraph_index", 1));
    TULLE_CHECK(check_results(site, graph, site.outputs));
    TULLE_TRY(answers[branch], site.host->call_shapes(graph, inputs));
  }
  for (int i = 0; i < site.output_count(); ++i) {
    const Shape& answer = answers[0][i];
    if (bits(site.out(i).dtype) == 0 || !answer.known() || answer != answers[1][i]) return site.defer();
    TULLE_CHECK(site.set_shape(i, answer));
  }
  return {};
}

Result<Kernel> prepare(Site& site) {
  const auto graph = [&](std::string_view name) { return static_cast<int>(site.attributes().integer(name)); };
  return [then_graph = graph("then_subgraph_index"), else_graph = graph("else_subgraph_index"),
          outputs = outputs_of(site), inputs = std::vector<Tensor>(site.inputs.size() - 1),
          where = site.where()](const Io& io) mutable -> Result<void> {
    for (size_t i = 0; i < inputs.size(); ++i) inputs[i] = *io.inputs[i + 1];
    TULLE_TRY(const auto results, io.host->call(*io.in<uint8_t>(0) != 0 ? then_graph : else_graph, inputs));
    return copy_to_outputs(io, results, outputs, where);
  };
}

}  // namespace

extern const Op op_if_op = {
    .types = "bool any* > any*",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
