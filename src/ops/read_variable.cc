// READ_VARIABLE: the contents of a resource variable, whatever shape they have at the moment.
#include "ops/control_flow.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (site.in(0).elements() != 1)
    return site.invalid("input 0 has shape {}, expected one handle", to_string(site.in(0).shape));
  return site.defer();
}

Result<Kernel> prepare(Site& site) {
  return [where = site.where()](const Io& io) -> Result<void> {
    TULLE_TRY(const Tensor value, io.host->read_variable(*io.in<int32_t>(0)));
    if (value.dtype != io.outputs[0]->dtype)
      return run_error(
          where, fmt::format("the variable holds {}, expected {}", name(value.dtype), name(io.outputs[0]->dtype)));
    return copy_to_outputs(io, {&value, 1}, Outputs::kResized, where);
  };
}

}  // namespace

extern const Op op_read_variable = {
    .types = "res > any",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
