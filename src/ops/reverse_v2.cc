// REVERSE_V2: the input with the order along some axes reversed.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (site.in(1).shape.rank() > 1)
    return site.invalid("the axes have shape {}, must be a vector", to_string(site.in(1).shape));
  if (!site.known(1)) return site.defer();
  uint32_t used = 0;
  for (int64_t value : integers(site, 1)) {
    TULLE_TRY(const int axis, find_axis(site, value, site.in(0).shape.rank()));
    if (used >> axis & 1) return site.invalid("axis {} is named twice", axis);
    used |= 1u << axis;
  }
  return set_moved_shape(site, 0, site.in(0).shape);
}

Result<Kernel> prepare(Site& site) {
  const Shape& shape = site.in(0).shape;
  const auto step = row_major(shape);
  std::vector<Loop> loops;
  for (int i = 0; i < shape.rank(); ++i) loops.push_back({shape[i], step[i], step[i]});
  int64_t start = 0;
  for (int64_t value : integers(site, 1)) {
    const auto axis = static_cast<size_t>(value < 0 ? value + shape.rank() : value);
    start += step[axis] * (shape[static_cast<int>(axis)] - 1);
    loops[axis].from = -step[axis];
  }
  return copy_kernel(strided(loops, element_bytes(site.in(0)), start));
}

}  // namespace

extern const Op op_reverse_v2 = {
    .types = "T i32|i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
