// Checks of quantisation along an axis.
#include "ops/axis_scales.h"

#include <algorithm>
#include <cmath>

namespace tulle::ops {

Result<std::vector<float>> axis_scales(const Site& site, const Tensor& tensor, int axis, std::string_view role) {
  const Quantization* quantization = tensor.quantization;
  if (quantization == nullptr || quantization->scale.empty())
    return site.invalid("{} is {} and needs a scale", role, name(tensor.dtype));
  std::vector<float> scales = quantization->scale;
  const auto count = static_cast<size_t>(tensor.shape[axis]);
  if (scales.size() > 1 && (scales.size() != count || quantization->axis != axis))
    return site.invalid("{} {} has {} scales along dimension {}, expected 1, or {} along dimension {}", role,
                        to_string(tensor.shape), scales.size(), quantization->axis, count, axis);
  for (const float scale : scales)
    if (!std::isfinite(scale) || scale <= 0)
      return site.invalid("{} has scale {}, expected a positive number", role, scale);
  scales.resize(count, scales[0]);
  return scales;
}

Result<void> check_symmetric(const Site& site, const Tensor& tensor, std::string_view role) {
  if (tensor.quantization == nullptr) return {};
  const auto& points = tensor.quantization->zero_point;
  const auto other = std::find_if(points.begin(), points.end(), [](int64_t point) { return point != 0; });
  if (other == points.end()) return {};
  return site.invalid("{} has zero point {}, expected 0", role, *other);
}

}  // namespace tulle::ops
