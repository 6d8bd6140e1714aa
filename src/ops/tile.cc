// TILE: the input repeated multiples[i] times along dimension i.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  if (site.in(1).shape.rank() != 1 || site.in(1).elements() != in.rank())
    return site.invalid("the multiples have shape {}, must be [{}]", to_string(site.in(1).shape), in.rank());
  if (!site.known(1)) return site.defer();
  std::vector<int64_t> dims = integers(site, 1);
  for (int i = 0; i < in.rank(); ++i) {
    if (dims[i] < 0 || dims[i] > INT32_MAX)
      return site.invalid("multiple {} is {}, must be 0…{}", i, dims[i], INT32_MAX);
    dims[i] *= in[i];
  }
  TULLE_TRY(const Shape shape, make_shape(site, dims));
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  const auto from = row_major(site.in(0).shape), to = row_major(site.out(0).shape);
  const std::vector<int64_t> multiples = integers(site, 1);
  std::vector<Loop> loops;
  for (int i = 0; i < site.in(0).shape.rank(); ++i) {
    const int64_t dim = site.in(0).shape[i];
    loops.push_back({multiples[i], 0, dim * to[i]});
    loops.push_back({dim, from[i], to[i]});
  }
  return copy_kernel(strided(loops, element_bytes(site.in(0))));
}

}  // namespace

extern const Op op_tile = {
    .types = "T i32|i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
