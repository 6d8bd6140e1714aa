// Checks of quantisation along any axis.
#include "ops/channels.h"

#include <cmath>

namespace tulle::ops {

Result<Channels> channels(const Site& site, const Tensor& tensor, int64_t low, int64_t high, std::string_view role) {
  const Quantization* q = tensor.quantization;
  if (q == nullptr || q->scale.empty()) return site.invalid("{} is {} and needs a scale", role, name(tensor.dtype));
  Channels found{1, tensor.elements(), q->scale, {}};
  if (q->per_axis()) {
    const int rank = tensor.shape.rank();
    if (q->axis < 0 || q->axis >= rank || static_cast<size_t>(tensor.shape[q->axis]) != q->scale.size())
      return site.invalid("{} {} has {} scales along dimension {}", role, to_string(tensor.shape), q->scale.size(),
                          q->axis);
    found.outer = tensor.shape.elements(0, q->axis);
    found.inner = tensor.shape.elements(q->axis + 1, rank);
  }
  if (q->zero_point.size() > 1 && q->zero_point.size() != q->scale.size())
    return site.invalid("{} has {} scales and {} zero points", role, q->scale.size(), q->zero_point.size());
  for (size_t i = 0; i < q->scale.size(); ++i) {
    const int64_t zero_point = q->zero_point.size() > 1 ? q->zero_point[i] : tensor.zero_point();
    if (!std::isfinite(q->scale[i]) || q->scale[i] <= 0)
      return site.invalid("{} has scale {}, expected a positive number", role, q->scale[i]);
    if (zero_point < low || zero_point > high)
      return site.invalid("{} has zero point {}, which no {} can be", role, zero_point, name(tensor.dtype));
    found.zero_points.push_back(static_cast<int32_t>(zero_point));
  }
  return found;
}

}  // namespace tulle::ops
