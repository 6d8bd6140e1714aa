// Checks of per-tensor quantisation parameters.
#include "ops/affine.h"

#include <cmath>
#include <limits>

namespace tulle::ops {
namespace {

template <class T>
bool is_code(int64_t value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

bool fits(DType type, int64_t zero_point) {
  switch (type) {
    case DType::kInt8: return is_code<int8_t>(zero_point);
    case DType::kUint8: return is_code<uint8_t>(zero_point);
    case DType::kInt16: return is_code<int16_t>(zero_point);
    case DType::kUint16: return is_code<uint16_t>(zero_point);
    case DType::kInt32: return is_code<int32_t>(zero_point);
    case DType::kInt4: return zero_point >= -8 && zero_point <= 7;
    default: return false;
  }
}

}  // namespace

Result<Affine> affine(const Site& site, const Tensor& tensor, std::string_view role, bool zero_scale) {
  const Quantization* q = tensor.quantization;
  if (!is_quantized(tensor)) return site.invalid("{} is {} and needs a scale", role, name(tensor.dtype));
  if (!q->per_tensor() || q->zero_point.size() > 1)
    return site.unsupported("{} has {} scales and {} zero points, expected one", role, q->scale.size(),
                            q->zero_point.size());
  if (!std::isfinite(q->scale[0]) || q->scale[0] < 0 || (q->scale[0] == 0 && !zero_scale))
    return site.invalid("{} has scale {}, expected a positive number", role, q->scale[0]);
  if (!fits(tensor.dtype, tensor.zero_point()))
    return site.invalid("{} has zero point {}, which no {} can be", role, tensor.zero_point(), name(tensor.dtype));
  return Affine{q->scale[0], static_cast<int32_t>(tensor.zero_point())};
}

}  // namespace tulle::ops
