// SQUEEZE: the same elements without the dimensions of one that squeeze_dims names, or without all of them.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/relabel.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  uint32_t dropped = 0;
  for (int64_t value : site.attributes().integers("squeeze_dims")) {
    TULLE_TRY(const int axis, find_axis(site, value, in.rank()));
    if (in[axis] != 1) return site.invalid("dimension {} of the input {} is not 1", axis, to_string(in));
    dropped |= 1u << axis;
  }
  const bool all = site.attributes().integers("squeeze_dims").empty();
  Shape shape;
  for (int i = 0; i < in.rank(); ++i)
    if (all ? in[i] != 1 : (dropped >> i & 1) == 0) shape.push_back(in[i]);
  return set_moved_shape(site, 0, shape);
}

}  // namespace

extern const Op op_squeeze = {
    .types = "T > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = relabel,
    .in_place = 1,
};

}  // namespace tulle::ops
