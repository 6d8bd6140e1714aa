// UNPACK: the slices of the input along an axis, each without that dimension.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/parts.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  TULLE_TRY(const int axis, find_axis(site, site.attributes().integer("axis"), in.rank()));
  if (in[axis] != site.output_count() || site.attributes().integer("num", in[axis]) != in[axis])
    return site.invalid("num is {}, the node has {} outputs, dimension {} of {} must be both",
                        site.attributes().integer("num"), site.output_count(), axis, to_string(in));
  Shape shape;
  for (int i = 0; i < in.rank(); ++i)
    if (i != axis) shape.push_back(in[i]);
  for (int i = 0; i < site.output_count(); ++i) {
    TULLE_CHECK(same_quantization(site, site.in(0), site.out(i)));
    TULLE_CHECK(set_moved_shape(site, i, shape));
  }
  return {};
}

Result<Kernel> prepare(Site& site) {
  const Shape& in = site.in(0).shape;
  TULLE_TRY(const int axis, find_axis(site, site.attributes().integer("axis"), in.rank()));
  const std::vector<int64_t> parts(site.outputs.size(), 1);
  std::vector<Copy> copies = cut(0, in, axis, parts, element_bytes(site.in(0)));
  tell_pieces(site, copies);
  return copy_kernel(std::move(copies));
}

}  // namespace

extern const Op op_unpack = {
    .types = "T > T* : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
