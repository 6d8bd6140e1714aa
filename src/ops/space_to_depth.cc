// SPACE_TO_DEPTH: each block of pixels becomes one pixel with all their channels.
#include "ops/space_to_depth.h"

#include "ops/move.h"
#include "ops/operand.h"

namespace tulle::ops {

Result<int64_t> block_size(const Site& site) {
  const int64_t block = site.attributes().integer("block_size");
  if (block < 1 || block > INT32_MAX) return site.invalid("block_size is {}, must be 1…{}", block, INT32_MAX);
  return block;
}

tulle_strided space_to_depth(const Shape& space, int64_t block, int64_t element_bytes) {
  const auto from = row_major(space);
  const int64_t height = space[1] / block, width = space[2] / block, row = block * space[3], depth = block * row;
  const Loop loops[] = {{space[0], from[0], height * width * depth},
                        {height, block * from[1], width * depth},
                        {width, block * from[2], depth},
                        {block, from[1], row},
                        {block, from[2], space[3]},
                        {space[3], 1, 1}};
  return strided(loops, element_bytes);
}

namespace {

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  TULLE_TRY(const int64_t block, block_size(site));
  if (in.rank() != 4 || in[1] % block != 0 || in[2] % block != 0)
    return site.invalid("input {} must have 4 dimensions, height and width multiples of {}", to_string(in), block);
  const int64_t depth = in[3];
  const int64_t dims[] = {in[0], in[1] / block, in[2] / block,
                          depth > INT32_MAX / block / block ? INT64_MAX : depth * block * block};
  TULLE_TRY(const Shape shape, make_shape(site, dims));
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(const int64_t block, block_size(site));
  return copy_kernel(space_to_depth(site.in(0).shape, block, element_bytes(site.in(0))));
}

}  // namespace

extern const Op op_space_to_depth = {
    .types = "T > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
