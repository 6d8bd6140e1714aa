// Calls between graphs as operators see them.
#include "ops/control_flow.h"

#include <algorithm>

namespace tulle::ops {
namespace {

Result<void> check_types(const Site& site, int graph, std::string_view what, std::span<const int32_t> ports,
                         std::span<Tensor* const> tensors) {
  const Graph& callee = site.model->graphs[graph];
  if (ports.size() != tensors.size())
    return site.invalid("graph {} has {} {}s, expected {}", graph, ports.size(), what, tensors.size());
  for (size_t i = 0; i < ports.size(); ++i) {
    const Value& value = callee.values[ports[i]];
    if (tensors[i] != nullptr && value.dtype != tensors[i]->dtype)
      return site.invalid("{} {} of graph {}, '{}', is {}, expected {}", what, i, graph, value.name, name(value.dtype),
                          name(tensors[i]->dtype));
  }
  return {};
}

}  // namespace

Result<int> called_graph(const Site& site, std::string_view attribute, int first_input) {
  const int64_t graph = site.attributes().integer(attribute, -1);
  if (graph < 0 || graph >= static_cast<int64_t>(site.model->graphs.size()))
    return site.invalid("{} is {}, and the model has {} graphs", attribute, graph, site.model->graphs.size());
  const std::span<Tensor* const> inputs = site.inputs;
  TULLE_CHECK(check_types(site, static_cast<int>(graph), "input", site.model->graphs[graph].inputs,
                          inputs.subspan(first_input)));
  return static_cast<int>(graph);
}

Result<void> check_results(const Site& site, int graph, std::span<Tensor* const> outputs) {
  return check_types(site, graph, "output", site.model->graphs[graph].outputs, outputs);
}

std::vector<Shape> input_shapes(const Site& site, int first) {
  std::vector<Shape> shapes;
  for (int i = first; i < site.input_count(); ++i) shapes.push_back(site.in(i).shape);
  return shapes;
}

Result<void> copy_to_outputs(const Io& io, std::span<const Tensor> results, Outputs outputs, std::string_view where) {
  for (size_t i = 0; i < results.size(); ++i) {
    Tensor& output = *io.outputs[i];
    if (outputs == Outputs::kResized) TULLE_CHECK(io.host->resize(output, results[i].shape, results[i].bytes));
    if (output.bytes != results[i].bytes)
      return run_error(where, fmt::format("'{}' has shape {}, but '{}' came back as {}", output.name,
                                          to_string(output.shape), results[i].name, to_string(results[i].shape)));
    std::copy_n(results[i].data, output.bytes, output.data);
  }
  return {};
}

}  // namespace tulle::ops
