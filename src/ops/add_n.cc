// ADD_N: the sum of two or more operands of one shape.
#include "ops/add_n.ref.h"

#include <algorithm>

#include "ops/op.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  for (int i = 1; i < site.input_count(); ++i)
    if (!(site.in(i).shape == site.in(0).shape))
      return site.invalid("input {} is {}, expected the {} of input 0", i, to_string(site.in(i).shape),
                          to_string(site.in(0).shape));
  return site.set_shape(0, site.in(0).shape);
}

template <class T>
Kernel sum(const Site& site, void (*add)(const T*, T*, int32_t)) {
  return [add, count = static_cast<int32_t>(site.in(0).elements())](const Io& io) -> Result<void> {
    T* total = io.out<T>(0);
    std::copy_n(io.in<T>(0), count, total);
    for (size_t i = 1; i < io.inputs.size(); ++i) add(io.in<T>(static_cast<int>(i)), total, count);
    return {};
  };
}

}  // namespace

extern const Op op_add_n = {
    .types = "T T T* > T : T=f32 i32",
    .shape = shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      if (site.in(0).dtype == DType::kFloat32) return sum<float>(site, tulle_ref_add_n_f32);
      return sum<int32_t>(site, tulle_ref_add_n_i32);
    },
};

}  // namespace tulle::ops
