// Bounds of fused activations.
#include "ops/activation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tulle::ops {

Result<RangeF32> activation_range(const Site& site) {
  constexpr float kLowest = std::numeric_limits<float>::lowest(), kHighest = std::numeric_limits<float>::max();
  const std::string_view name = site.attributes().symbol("fused_activation_function", "NONE");
  if (name == "NONE") return RangeF32{kLowest, kHighest};
  if (name == "RELU") return RangeF32{0.0f, kHighest};
  if (name == "RELU_N1_TO_1") return RangeF32{-1.0f, 1.0f};
  if (name == "RELU6") return RangeF32{0.0f, 6.0f};
  return site.unsupported("fused activation {} is none of NONE, RELU, RELU_N1_TO_1, RELU6", name);
}

Result<RangeI32> activation_codes(const Site& site, const Tensor& output) {
  RangeI32 codes;
  switch (output.dtype) {
    case DType::kInt8: codes = {INT8_MIN, INT8_MAX}; break;
    case DType::kUint8: codes = {0, UINT8_MAX}; break;
    case DType::kInt16: codes = {INT16_MIN, INT16_MAX}; break;
    default: return site.unsupported("no fused activation for {} outputs", name(output.dtype));
  }
  TULLE_TRY(const RangeF32 reals, activation_range(site));
  const auto code = [&](float real) {
    const double q = std::round(real / output.scale()) + static_cast<double>(output.zero_point());
    return static_cast<int32_t>(std::clamp(q, static_cast<double>(codes.low), static_cast<double>(codes.high)));
  };
  if (reals.low != std::numeric_limits<float>::lowest()) codes.low = std::max(codes.low, code(reals.low));
  if (reals.high != std::numeric_limits<float>::max()) codes.high = std::min(codes.high, code(reals.high));
  return codes;
}

}  // namespace tulle::ops
