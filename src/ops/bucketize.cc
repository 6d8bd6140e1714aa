// BUCKETIZE: the number of the interval between boundaries that each element falls into.
#include "ops/bucketize.ref.h"

#include <algorithm>

#include "ops/unary.h"

namespace tulle::ops {
namespace {

template <class T>
Kernel kernel(const Site& site, auto* loop) {
  return [boundaries = site.attributes().reals("boundaries"), count = site.in(0).elements(),
          loop](const Io& io) -> Result<void> {
    loop(io.in<T>(0), io.out<int32_t>(0), count, boundaries.data(), static_cast<int32_t>(boundaries.size()));
    return {};
  };
}

Result<Kernel> prepare(Site& site) {
  const std::vector<float>& boundaries = site.attributes().reals("boundaries");
  if (boundaries.size() > INT32_MAX) return site.invalid("{} boundaries are too many", boundaries.size());
  if (!std::is_sorted(boundaries.begin(), boundaries.end())) return site.invalid("the boundaries do not ascend");
  switch (site.in(0).dtype) {
    case DType::kFloat64: return kernel<double>(site, tulle_ref_bucketize_f64);
    case DType::kInt32: return kernel<int32_t>(site, tulle_ref_bucketize_i32);
    case DType::kInt64: return kernel<int64_t>(site, tulle_ref_bucketize_i64);
    default: return kernel<float>(site, tulle_ref_bucketize_f32);
  }
}

}  // namespace

extern const Op op_bucketize = {
    .types = "f32|f64|i32|i64 > i32",
    .shape = same_shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
