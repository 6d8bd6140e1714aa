// SPACE_TO_BATCH_ND: the input padded, then pixels of each place in a block of pixels as batches of their own.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/pad.h"
#include "ops/space_to_batch.h"
#include "ops/strided.h"

namespace tulle::ops {

Result<std::optional<Blocks>> read_blocks(const Site& site) {
  const Shape& in = site.in(0).shape;
  const int dims = in.rank() - 2;
  if (dims != 1 && dims != 2)
    return site.unsupported("input {} has {} dimensions, 3 and 4 work", to_string(in), in.rank());
  if (site.in(1).shape != Shape{dims} || site.in(2).shape != Shape{dims, 2})
    return site.invalid("the block has shape {}, paddings or crops {}; must be [{}] and [{},2]",
                        to_string(site.in(1).shape), to_string(site.in(2).shape), dims, dims);
  if (!site.known(1) || !site.known(2)) return std::nullopt;
  const std::vector<int64_t> block = integers(site, 1), pairs = integers(site, 2);
  Blocks blocks;
  for (int i = 0; i < dims; ++i) {
    blocks.block[i] = block[i];
    blocks.before[i] = pairs[2 * i];
    blocks.after[i] = pairs[2 * i + 1];
    if (block[i] < 1 || block[i] > INT32_MAX) return site.invalid("block {} is outside 1…{}", block[i], INT32_MAX);
    for (int64_t pad : {blocks.before[i], blocks.after[i]})
      if (pad < 0 || pad > INT32_MAX) return site.invalid("padding or crop {} is outside 0…{}", pad, INT32_MAX);
  }
  return blocks;
}

tulle_space_batch space_batch(const Shape& space, const Shape& batches, const Blocks& blocks, int64_t element_bytes) {
  const bool empty = space.elements() == 0;
  const auto width = [](const Shape& shape) { return shape.rank() == 4 ? shape[2] : 1; };
  return {.count = empty ? 0 : space[0],
          .height = space[1],
          .width = width(space),
          .batch_height = batches[1],
          .batch_width = width(batches),
          .block_height = blocks.block[0],
          .block_width = blocks.block[1],
          .top = blocks.before[0],
          .left = blocks.before[1],
          .unit = space[space.rank() - 1] * element_bytes};
}

namespace {

Result<void> shape(Site& site) {
  TULLE_TRY(const std::optional<Blocks> blocks, read_blocks(site));
  if (!blocks) return site.defer();
  const Shape& in = site.in(0).shape;
  std::vector<int64_t> dims(in.begin(), in.end());
  for (int i = 0; i + 2 < in.rank(); ++i) {
    const int64_t padded = in[i + 1] + blocks->before[i] + blocks->after[i];
    if (padded % blocks->block[i] != 0)
      return site.invalid("dimension {} of {} is {} with its padding, no multiple of block {}", i + 1, to_string(in),
                          padded, blocks->block[i]);
    if (dims[0] > INT32_MAX / blocks->block[i]) return site.invalid("the output would have over {} batches", INT32_MAX);
    dims[0] *= blocks->block[i];
    dims[i + 1] = padded / blocks->block[i];
  }
  TULLE_TRY(const Shape shape, make_shape(site, dims));
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(const std::optional<Blocks> blocks, read_blocks(site));
  TULLE_CHECK(same_quantization(site, site.in(0), site.out(0)));
  TULLE_TRY(const ZeroBytes zero, zero_of(site.out(0), site));
  const int64_t unit = element_bytes(site.in(0));
  const tulle_space_batch p = space_batch(site.in(0).shape, site.out(0).shape, *blocks, unit);
  return [p, zero, unit, count = site.out(0).elements()](const Io& io) -> Result<void> {
    tulle_ref_repeat(reinterpret_cast<const char*>(zero.data()), io.out<char>(0), unit, count);
    tulle_ref_space_to_batch(io.in<char>(0), io.out<char>(0), &p);
    return {};
  };
}

}  // namespace

extern const Op op_space_to_batch_nd = {
    .types = "T i32|i64 i32|i64 > T : T=" TULLE_WHOLE " " TULLE_PACKED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
