// TRANSPOSE: dimension i of the output is dimension perm[i] of the input.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  if (site.in(1).shape.rank() != 1 || site.in(1).elements() != in.rank())
    return site.invalid("the permutation has shape {}, must be [{}]", to_string(site.in(1).shape), in.rank());
  if (!site.known(1)) return site.defer();
  Shape shape;
  uint32_t used = 0;
  for (int64_t value : integers(site, 1)) {
    TULLE_TRY(const int axis, find_axis(site, value, in.rank()));
    if (used >> axis & 1) return site.invalid("the permutation names dimension {} twice", axis);
    used |= 1u << axis;
    shape.push_back(in[axis]);
  }
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  const int rank = site.in(0).shape.rank();
  const auto from = row_major(site.in(0).shape), to = row_major(site.out(0).shape);
  const std::vector<int64_t> perm = integers(site, 1);
  std::vector<Loop> loops;
  for (int i = 0; i < rank; ++i)
    loops.push_back({site.out(0).shape[i], from[perm[i] < 0 ? perm[i] + rank : perm[i]], to[i]});
  return copy_kernel(strided(loops, element_bytes(site.in(0))));
}

}  // namespace

extern const Op op_transpose = {
    .types = "T i32|i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
