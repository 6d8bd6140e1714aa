// DEPTH_TO_SPACE: the channels of each pixel spread over a block of pixels.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/space_to_depth.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  TULLE_TRY(const int64_t block, block_size(site));
  if (in.rank() != 4 || in[3] % block != 0 || in[3] / block % block != 0)
    return site.invalid("input {} must have 4 dimensions, channels a multiple of {} squared", to_string(in), block);
  const int64_t dims[] = {in[0], in[1] * block, in[2] * block, in[3] / block / block};
  TULLE_TRY(const Shape shape, make_shape(site, dims));
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(const int64_t block, block_size(site));
  tulle_strided copy = space_to_depth(site.out(0).shape, block, element_bytes(site.in(0)));
  std::swap(copy.from, copy.to);
  return copy_kernel(copy);
}

}  // namespace

extern const Op op_depth_to_space = {
    .types = "T > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
