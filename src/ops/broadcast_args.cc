// BROADCAST_ARGS: the shape that two shapes broadcast to.
#include <algorithm>

#include "ops/op.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  for (int i : {0, 1})
    if (site.in(i).shape.rank() != 1)
      return site.invalid("input {} is {}, must be a vector of dimensions", i, to_string(site.in(i).shape));
  return site.set_shape(0, Shape{std::max(site.in(0).shape[0], site.in(1).shape[0])});
}

template <class T>
Kernel kernel(const Site& site) {
  return [a_count = site.in(0).shape[0], b_count = site.in(1).shape[0],
          where = site.where()](const Io& io) -> Result<void> {
    const int32_t count = std::max(a_count, b_count);
    for (int32_t i = 0; i < count; ++i) {  // from the last dimension
      const T a = i < a_count ? io.in<T>(0)[a_count - 1 - i] : 1;
      const T b = i < b_count ? io.in<T>(1)[b_count - 1 - i] : 1;
      if (a != b && a != 1 && b != 1)
        return run_error(where, fmt::format("dimensions {} and {} do not broadcast", a, b));
      io.out<T>(0)[count - 1 - i] = a == 1 ? b : a;
    }
    return {};
  };
}

}  // namespace

extern const Op op_broadcast_args = {
    .types = "T T > T : T=i32 i64",
    .shape = shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      return site.out(0).dtype == DType::kInt64 ? kernel<int64_t>(site) : kernel<int32_t>(site);
    },
};

}  // namespace tulle::ops
