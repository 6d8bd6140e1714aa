// EXPAND_DIMS: the same elements with a dimension of one more, at the axis the second operand gives.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/relabel.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (site.in(1).elements() != 1) return site.invalid("the axis has {} elements, must be one", site.in(1).elements());
  if (!site.known(1)) return site.defer();
  const Shape& in = site.in(0).shape;
  if (in.rank() == kMaxRank)
    return site.unsupported("the output would have {} dimensions, at most {} work", in.rank() + 1, kMaxRank);
  TULLE_TRY(const int axis, find_axis(site, integers(site, 1)[0], in.rank() + 1));
  Shape shape;
  for (int i = 0; i <= in.rank(); ++i) shape.push_back(i < axis ? in[i] : i == axis ? 1 : in[i - 1]);
  return set_moved_shape(site, 0, shape);
}

}  // namespace

extern const Op op_expand_dims = {
    .types = "T i32|i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = relabel,
    .in_place = 1,
};

}  // namespace tulle::ops
