// Reading of operands that hold axes and dimensions.
#include "ops/operand.h"

#include <cmath>

namespace tulle::ops {
namespace {

template <class T>
std::vector<int64_t> widen(std::span<const T> values) {
  return {values.begin(), values.end()};
}

}  // namespace

std::vector<int64_t> integers(const Site& site, int i) {
  switch (site.in(i).dtype) {
    case DType::kInt64: return widen(site.values<int64_t>(i));
    case DType::kInt32: return widen(site.values<int32_t>(i));
    case DType::kInt16: return widen(site.values<int16_t>(i));
    case DType::kInt8: return widen(site.values<int8_t>(i));
    case DType::kBool: return widen(site.values<uint8_t>(i));
    default: return {};
  }
}

Result<int> find_axis(const Site& site, int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) return site.invalid("axis {} is outside a rank of {}", axis, rank);
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Result<Shape> make_shape(const Site& site, std::span<const int64_t> dims) {
  if (dims.size() > kMaxRank)
    return site.unsupported("a shape of {} dimensions, at most {} work", dims.size(), kMaxRank);
  Shape shape;
  for (int64_t dim : dims) {
    if (dim < 0 || dim > INT32_MAX) return site.invalid("dimension {} of a shape is outside 0…{}", dim, INT32_MAX);
    shape.push_back(static_cast<int32_t>(dim));
  }
  return shape;
}

Result<void> same_quantization(const Site& site, const Tensor& a, const Tensor& b) {
  if (a.dtype != DType::kInt8 && a.dtype != DType::kUint8 && a.dtype != DType::kInt16) return {};
  const float farthest = a.dtype == DType::kInt16 ? 32768 : 255;  // codes from the zero point
  const float apart = std::fabs(a.scale() - b.scale());
  if (a.zero_point() == b.zero_point() && apart * farthest * 2 <= std::fmin(a.scale(), b.scale())) return {};
  return site.invalid("'{}' has scale {} and zero point {}, '{}' has {} and {}; they must be the same", a.name,
                      a.scale(), a.zero_point(), b.name, b.scale(), b.zero_point());
}

}  // namespace tulle::ops
