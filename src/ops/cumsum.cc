// CUMSUM: running sums along the dimension that input 1 names.
#include "ops/cumsum.ref.h"

#include "ops/operand.h"
#include "ops/unary.h"

namespace tulle::ops {
namespace {

template <class T>
Kernel running(const Site& site, void (*loop)(const T*, tulle_running, T*)) {
  tulle_running params = {};
  params.exclusive = site.attributes().flag("exclusive");
  params.reverse = site.attributes().flag("reverse");
  return [where = site.where(), shape = site.in(0).shape, params, loop](const Io& io) mutable -> Result<void> {
    const int64_t given = *io.in<int32_t>(1), axis = given < 0 ? given + shape.rank() : given;
    if (axis < 0 || axis >= shape.rank())
      return run_error(where, fmt::format("axis {} is outside {}", given, to_string(shape)));
    if (shape.elements() == 0) return {};
    params.outer = static_cast<int32_t>(shape.elements(0, static_cast<int>(axis)));
    params.size = shape[static_cast<int>(axis)];
    params.inner = static_cast<int32_t>(shape.elements(static_cast<int>(axis) + 1, shape.rank()));
    loop(io.in<T>(0), params, io.out<T>(0));
    return {};
  };
}

}  // namespace

extern const Op op_cumsum = {
    .types = "T i32 > T : T=f32 i32 i64",
    .shape = same_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      if (site.in(1).elements() != 1)
        return site.invalid("input 1 is {}, expected one axis", to_string(site.in(1).shape));
      if (site.known(1)) TULLE_CHECK(find_axis(site, site.values<int32_t>(1)[0], site.in(0).shape.rank()));
      switch (site.in(0).dtype) {
        case DType::kFloat32: return running<float>(site, tulle_ref_cumsum_f32);
        case DType::kInt32: return running<int32_t>(site, tulle_ref_cumsum_i32);
        default: return running<int64_t>(site, tulle_ref_cumsum_i64);
      }
    },
    .in_place = 1,
};

}  // namespace tulle::ops
