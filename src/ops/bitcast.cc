// BITCAST: the same bytes as elements of another type. Smaller elements add a last dimension, larger ones take it up.
#include "ops/move.h"
#include "ops/relabel.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const int in_bits = bits(site.in(0).dtype), out_bits = bits(site.out(0).dtype);
  Shape shape = site.in(0).shape;
  if (in_bits > out_bits) {
    if (!shape.push_back(in_bits / out_bits))
      return site.unsupported("the output would have {} dimensions, at most {} work", kMaxRank + 1, kMaxRank);
  } else if (in_bits < out_bits) {
    if (shape.rank() == 0 || shape[shape.rank() - 1] != out_bits / in_bits)
      return site.invalid("input {} of {}: the last dimension must be {} to make {}", to_string(shape),
                          name(site.in(0).dtype), out_bits / in_bits, name(site.out(0).dtype));
    shape = *Shape::from(shape.dims().first(shape.rank() - 1));
  }
  return site.set_shape(0, shape);
}

}  // namespace

extern const Op op_bitcast = {
    .types = "S > T : S=" TULLE_WHOLE " T=" TULLE_WHOLE,
    .shape = shape,
    .prepare = relabel,
    .in_place = 1,
};

}  // namespace tulle::ops
