// SPLIT: the input cut into equal parts along an axis.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/parts.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (site.in(0).elements() != 1) return site.invalid("the axis has {} elements, must be one", site.in(0).elements());
  const int parts = site.output_count();
  if (parts == 0 || site.attributes().integer("num_splits", parts) != parts)
    return site.invalid("num_splits is {}, the node has {} outputs", site.attributes().integer("num_splits"), parts);
  if (!site.known(0)) return site.defer();
  Shape shape = site.in(1).shape;
  TULLE_TRY(const int axis, find_axis(site, integers(site, 0)[0], shape.rank()));
  if (shape[axis] % parts != 0)
    return site.invalid("dimension {} of {} cannot be split into {} equal parts", axis, to_string(shape), parts);
  shape[axis] /= parts;
  for (int i = 0; i < parts; ++i) TULLE_CHECK(set_moved_shape(site, i, shape));
  return {};
}

Result<Kernel> prepare(Site& site) {
  const Shape& whole = site.in(1).shape;
  TULLE_TRY(const int axis, find_axis(site, integers(site, 0)[0], whole.rank()));
  const std::vector<int64_t> parts(site.outputs.size(), whole[axis] / site.output_count());
  std::vector<Copy> copies = cut(1, whole, axis, parts, element_bytes(site.in(1)));
  tell_pieces(site, copies);
  return copy_kernel(std::move(copies));
}

}  // namespace

extern const Op op_split = {
    .types = "i32|i64 T > T* : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
