// BATCH_TO_SPACE_ND: pixels of batches interleaved into blocks of pixels, then cropped.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/space_to_batch.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  TULLE_TRY(const std::optional<Blocks> blocks, read_blocks(site));
  if (!blocks) return site.defer();
  const Shape& in = site.in(0).shape;
  std::vector<int64_t> dims(in.begin(), in.end());
  for (int i = 0; i + 2 < in.rank(); ++i) {
    if (dims[0] % blocks->block[i] != 0)
      return site.invalid("the batches of {} are no multiple of the block", to_string(in));
    dims[0] /= blocks->block[i];
    dims[i + 1] = in[i + 1] * blocks->block[i] - blocks->before[i] - blocks->after[i];
    if (dims[i + 1] < 0)
      return site.invalid("crops {} and {} exceed dimension {} of {} with blocks of {}", blocks->before[i],
                          blocks->after[i], i + 1, to_string(in), blocks->block[i]);
  }
  TULLE_TRY(const Shape shape, make_shape(site, dims));
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(const std::optional<Blocks> blocks, read_blocks(site));
  TULLE_CHECK(same_quantization(site, site.in(0), site.out(0)));
  const tulle_space_batch p = space_batch(site.out(0).shape, site.in(0).shape, *blocks, element_bytes(site.in(0)));
  return [p](const Io& io) -> Result<void> {
    tulle_ref_batch_to_space(io.in<char>(0), io.out<char>(0), &p);
    return {};
  };
}

}  // namespace

extern const Op op_batch_to_space_nd = {
    .types = "T i32|i64 i32|i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
