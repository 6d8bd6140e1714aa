// ONE_HOT: along a new axis, the on value where the index is and the off value elsewhere.
#include "ops/one_hot.ref.h"

#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<int> axis_of(const Site& site) {
  return find_axis(site, site.attributes().integer("axis"), site.in(0).shape.rank() + 1);
}

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  for (int i : {1, 2, 3})
    if (site.in(i).elements() != 1)
      return site.invalid("input {} has {} elements, must be one", i, site.in(i).elements());
  if (in.rank() == kMaxRank)
    return site.unsupported("the output would have {} dimensions, at most {} work", in.rank() + 1, kMaxRank);
  TULLE_TRY(const int axis, axis_of(site));
  if (!site.known(1)) return site.defer();
  const int32_t depth = site.values<int32_t>(1)[0];
  if (depth < 0) return site.invalid("the depth is {}", depth);
  Shape shape;
  for (int i = 0; i <= in.rank(); ++i) shape.push_back(i < axis ? in[i] : i == axis ? depth : in[i - 1]);
  return site.set_shape(0, shape);
}

Result<Kernel> prepare(Site& site) {
  const Shape& out = site.out(0).shape;
  TULLE_TRY(const int axis, axis_of(site));
  const bool empty = out.elements() == 0;
  const tulle_one_hot p = {.outer = empty ? 0 : out.elements(0, axis),
                           .depth = out[axis],
                           .inner = empty ? 0 : out.elements(axis + 1, out.rank()),
                           .unit = element_bytes(site.out(0)),
                           .index_bytes = bits(site.in(0).dtype) / 8};
  return [p](const Io& io) -> Result<void> {
    tulle_ref_one_hot(io.in<void>(0), io.in<char>(2), io.in<char>(3), io.out<char>(0), &p);
    return {};
  };
}

}  // namespace

extern const Op op_one_hot = {
    .types = "i32|i64 i32 T T > T : T=f32 i32 i64 i16 i8 u8 bool",
    .shape = shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
