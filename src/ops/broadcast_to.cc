// BROADCAST_TO: the input repeated to fill the shape the second operand gives, dimensions matched from the last.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  if (site.in(1).shape.rank() != 1 || site.in(1).elements() > kMaxRank || site.in(1).elements() < in.rank())
    return site.invalid("the shape operand has shape {}, must be [n] with n in {}…{}", to_string(site.in(1).shape),
                        in.rank(), kMaxRank);
  if (!site.known(1)) return site.defer();
  TULLE_TRY(const Shape shape, make_shape(site, integers(site, 1)));
  for (int i = 0, lead = shape.rank() - in.rank(); i < in.rank(); ++i)
    if (in[i] != 1 && in[i] != shape[lead + i])
      return site.invalid("{} cannot be broadcast to {}", to_string(in), to_string(shape));
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  const Shape &in = site.in(0).shape, &out = site.out(0).shape;
  const auto from = row_major(in), to = row_major(out);
  const int lead = out.rank() - in.rank();
  std::vector<Loop> loops;
  for (int i = 0; i < out.rank(); ++i)
    loops.push_back({out[i], i < lead || in[i - lead] == 1 ? 0 : from[i - lead], to[i]});
  return copy_kernel(strided(loops, element_bytes(site.in(0))));
}

}  // namespace

extern const Op op_broadcast_to = {
    .types = "T i32|i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
