// ARG_MAX: the position of the largest element along the dimension that input 1 names.
#include <algorithm>

#include "ops/arg.h"
#include "ops/in_parts.h"
#include "ops/loops.h"
#include "ops/operand.h"

namespace tulle::ops {
namespace {

Result<int> axis_of(const Site& site) {
  const std::vector<int64_t> axes = integers(site, 1);
  if (axes.size() != 1) return site.invalid("input 1 has {} elements, expected one axis", axes.size());
  return find_axis(site, axes[0], site.in(0).shape.rank());
}

}  // namespace

Result<void> arg_shape(Site& site) {
  if (!site.known(1)) return site.defer();
  TULLE_TRY(const int axis, axis_of(site));
  const Shape& in = site.in(0).shape;
  if (in[axis] == 0) return site.invalid("no element to choose from along axis {} of {}", axis, to_string(in));
  Shape out;
  for (int d = 0; d < in.rank(); ++d)
    if (d != axis) out.push_back(in[d]);
  return site.set_shape(0, out);
}

namespace {

tulle_arg loop_for(DType type, const ArgLoops& loops) {
  switch (type) {
    case DType::kFloat32: return loops.f32;
    case DType::kInt8: return loops.i8;
    case DType::kUint8: return loops.u8;
    case DType::kInt32: return loops.i32;
    default: return loops.boolean;
  }
}

}  // namespace

Result<Kernel> find_best(Site& site, const ArgLoops& loops) {
  const tulle_arg loop = loop_for(site.in(0).dtype, loops);
  TULLE_TRY(const int axis, axis_of(site));
  const Shape& in = site.in(0).shape;
  const auto count = static_cast<int32_t>(site.out(0).elements());
  // Without elements neither product need fit.
  const int32_t outer = count == 0 ? 0 : static_cast<int32_t>(in.elements(0, axis));
  const int32_t inner = count == 0 ? 0 : static_cast<int32_t>(in.elements(axis + 1, in.rank()));
  const int64_t unit = bits(site.in(0).dtype) / 8;
  const bool wide = site.out(0).dtype == DType::kInt64;
  const int scratch = wide ? site.scratch(sizeof(int32_t) * static_cast<uint64_t>(count)) : 0;
  return [=, size = in[axis]](const Io& io) -> Result<void> {
    in_parts(io, outer, int64_t{size} * inner, [&](int64_t first, int64_t rows, int) {
      const int64_t at = first * inner, places = rows * inner;
      int32_t* best =
          (wide ? reinterpret_cast<int32_t*>(io.scratch[static_cast<size_t>(scratch)]) : io.out<int32_t>(0)) + at;
      loop(io.in<std::byte>(0) + at * size * unit, static_cast<int32_t>(rows), size, inner, best);
      if (wide) std::copy_n(best, places, io.out<int64_t>(0) + at);
    });
    return {};
  };
}

extern const Op op_arg_max = {
    .types = kArgTypes,
    .shape = arg_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      const Loops& with = loops(site);
      return find_best(site, {with.tulle_ref_arg_max_f32, with.tulle_ref_arg_max_i8, with.tulle_ref_arg_max_u8,
                              with.tulle_ref_arg_max_i32, tulle_ref_arg_max_bool});
    },
};

}  // namespace tulle::ops
