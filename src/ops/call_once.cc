// CALL_ONCE: runs a graph that sets variables, the first time it is met.
#include "ops/control_flow.h"

namespace tulle::ops {
namespace {

Result<int> initialiser(const Site& site) {
  TULLE_TRY(const int graph, called_graph(site, "init_subgraph_index", 0));
  TULLE_CHECK(check_results(site, graph, {}));
  return graph;
}

Result<void> shape(Site& site) {
  TULLE_TRY(const int graph, initialiser(site));
  TULLE_CHECK(site.host->call_shapes(graph, {}));
  return {};
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(const int graph, initialiser(site));
  return [graph](const Io& io) -> Result<void> {
    if (!io.host->first_call(graph)) return {};
    TULLE_CHECK(io.host->call(graph, {}));
    return {};
  };
}

}  // namespace

extern const Op op_call_once = {
    .types = ">",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
