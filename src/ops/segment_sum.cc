// SEGMENT_SUM: the slices of each segment added up; ids start at 0 and rise by one at most.
#include "ops/operand.h"
#include "ops/segment.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  Shape shape = site.in(0).shape;
  if (shape.rank() == 0 || site.in(1).shape != Shape{shape[0]})
    return site.invalid("ids {} do not fit data {}", to_string(site.in(1).shape), to_string(shape));
  if (!site.known(1)) return site.defer();
  int32_t last = -1;
  for (int32_t id : site.values<int32_t>(1)) {
    if (id != last && id != last + 1) return site.invalid("id {} follows {}", id, last);
    if (id < 0) return site.invalid("the first id is {}, must be 0", id);
    last = id;
  }
  shape[0] = last + 1;
  return site.set_shape(0, shape);
}

}  // namespace

extern const Op op_segment_sum = {
    .types = "T i32 > T : T=f32 i32",
    .shape = shape,
    .prepare = [](Site& site) { return segment_kernel(site, tulle_ref_segment_sum_f32, tulle_ref_segment_sum_i32); },
};

}  // namespace tulle::ops
