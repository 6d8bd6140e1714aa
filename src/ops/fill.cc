// FILL: a tensor of a shape that an operand gives, every element the same.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  if (site.in(0).shape.rank() != 1 || site.in(0).elements() > kMaxRank)
    return site.invalid("the dimensions have shape {}, must be [n] with n at most {}", to_string(site.in(0).shape),
                        kMaxRank);
  if (site.in(1).elements() != 1) return site.invalid("the value has {} elements, must be one", site.in(1).elements());
  if (!site.known(0)) return site.defer();
  TULLE_TRY(const Shape shape, make_shape(site, integers(site, 0)));
  TULLE_CHECK(same_quantization(site, site.in(1), site.out(0)));
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  const Loop loop = {site.out(0).elements(), 0, 1};
  return copy_kernel(std::vector<Copy>{{1, 0, strided({&loop, 1}, element_bytes(site.in(1)))}});
}

}  // namespace

extern const Op op_fill = {
    .types = "i32|i64 T > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
