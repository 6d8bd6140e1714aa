// PACK: inputs of one shape side by side along a new axis.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/parts.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const int count = site.input_count();
  if (count == 0 || site.attributes().integer("values_count", count) != count)
    return site.invalid("values_count is {}, the node has {} inputs", site.attributes().integer("values_count"), count);
  const Shape& in = site.in(0).shape;
  if (in.rank() == kMaxRank)
    return site.unsupported("the output would have {} dimensions, at most {} work", in.rank() + 1, kMaxRank);
  TULLE_TRY(const int axis, find_axis(site, site.attributes().integer("axis"), in.rank() + 1));
  for (int i = 0; i < count; ++i) {
    if (site.in(i).shape != in)
      return site.invalid("input {} is {}, input 0 is {}", i, to_string(site.in(i).shape), to_string(in));
    TULLE_CHECK(same_quantization(site, site.in(i), site.out(0)));
  }
  Shape shape;
  for (int i = 0; i <= in.rank(); ++i) shape.push_back(i < axis ? in[i] : i == axis ? count : in[i - 1]);
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  const Shape& out = site.out(0).shape;
  TULLE_TRY(const int axis, find_axis(site, site.attributes().integer("axis"), out.rank()));
  const std::vector<int64_t> parts(site.inputs.size(), 1);
  std::vector<Copy> copies = join(out, axis, parts, element_bytes(site.out(0)));
  tell_pieces(site, copies);
  return copy_kernel(std::move(copies));
}

}  // namespace

extern const Op op_pack = {
    .types = "T* > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
