// ASSIGN_VARIABLE: puts a copy of a tensor into a resource variable.
#include "ops/op.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (site.in(0).elements() == 1) return {};
  return site.invalid("input 0 has shape {}, expected one handle", to_string(site.in(0).shape));
}

Result<Kernel> prepare(Site&) {
  return [](const Io& io) -> Result<void> { return io.host->assign_variable(*io.in<int32_t>(0), *io.inputs[1]); };
}

}  // namespace

extern const Op op_assign_variable = {
    .types = "res any >",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
