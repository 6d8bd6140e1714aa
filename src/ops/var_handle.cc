// VAR_HANDLE: the handle of a resource variable.
#include "ops/op.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  // A handle is one number; files give it shapes of their own.
  return site.set_shape(0, site.out(0).shape.elements() == 1 ? site.out(0).shape : Shape{});
}

Result<Kernel> prepare(Site& site) {
  const int32_t handle =
      site.host->variable(site.attributes().text("container"), site.attributes().text("shared_name"));
  return [handle](const Io& io) -> Result<void> {
    *io.out<int32_t>(0) = handle;
    return {};
  };
}

}  // namespace

extern const Op op_var_handle = {
    .types = "> res",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
