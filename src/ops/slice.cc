// SLICE: the part of a tensor that starts at `begin` and has `size`; a size of -1 reaches to the end.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  for (int i : {1, 2})
    if (site.in(i).shape.rank() != 1 || site.in(i).elements() != in.rank())
      return site.invalid("input {} has shape {}, must have one number for each of {} dimensions", i,
                          to_string(site.in(i).shape), in.rank());
  if (!site.known(1) || !site.known(2)) return site.defer();
  const std::vector<int64_t> begin = integers(site, 1), size = integers(site, 2);
  Shape shape;
  for (int i = 0; i < in.rank(); ++i) {
    if (begin[i] < 0 || begin[i] > in[i] || size[i] < -1 || size[i] > in[i] - begin[i])
      return site.invalid("dimension {} of {}: no part of size {} begins at {}", i, to_string(in), size[i], begin[i]);
    shape.push_back(static_cast<int32_t>(size[i] == -1 ? in[i] - begin[i] : size[i]));
  }
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  const auto from = row_major(site.in(0).shape), to = row_major(site.out(0).shape);
  const std::vector<int64_t> begin = integers(site, 1);
  std::vector<Loop> loops;
  int64_t start = 0;
  for (int i = 0; i < site.out(0).shape.rank(); ++i) {
    loops.push_back({site.out(0).shape[i], from[i], to[i]});
    start += begin[i] * from[i];
  }
  std::vector<Copy> copies = {{0, 0, strided(loops, element_bytes(site.in(0)), start)}};
  tell_pieces(site, copies);
  return copy_kernel(std::move(copies));
}

}  // namespace

extern const Op op_slice = {
    .types = "T i32 i32 > T : T=" TULLE_MOVED "; T i64 i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
