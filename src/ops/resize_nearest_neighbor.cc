// RESIZE_NEAREST_NEIGHBOR: every pixel of the output is the pixel of the input nearest to its place.
#include "ops/move.h"
#include "ops/resize.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<Kernel> prepare(Site& site) {
  const tulle_resize params = resize_params(site);
  return [params, unit = element_bytes(site.in(0))](const Io& io) -> Result<void> {
    tulle_ref_resize_nearest(io.in<char>(0), io.out<char>(0), unit, &params);
    return {};
  };
}

}  // namespace

extern const Op op_resize_nearest_neighbor = {
    .types = "T i32 > T : T=" TULLE_WHOLE " " TULLE_PACKED,
    .shape = resized_shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
