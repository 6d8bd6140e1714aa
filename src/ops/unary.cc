// The shared preparation of element-wise operators of one operand.
#include "ops/unary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tulle::ops {
namespace {

template <class T>
Result<Kernel> table(Site& site, UnaryF32 loop) {
  const Tensor& in = site.in(0);
  const Tensor& out = site.out(0);
  if (in.scale() == 0 || out.scale() == 0) return site.invalid("input and output need a scale each");
  std::array<float, 256> reals;
  constexpr int kMin = std::numeric_limits<T>::min();
  for (int i = 0; i < 256; ++i) reals[i] = in.scale() * static_cast<float>(kMin + i - in.zero_point());
  loop(reals.data(), reals.data(), 256);
  const float inverse = 1.0f / out.scale();
  const auto zero_point = static_cast<float>(out.zero_point());
  std::array<T, 256> answers;
  for (int i = 0; i < 256; ++i) {
    const float q = std::round(reals[i] * inverse) + zero_point;
    // A NaN (log of a negative) takes the lowest code.
    answers[i] = static_cast<T>(q >= std::numeric_limits<T>::max() ? std::numeric_limits<T>::max() : q > kMin ? q : kMin);
  }
  return [answers, count = in.elements()](const Io& io) -> Result<void> {
    const T* x = io.in<T>(0);
    T* y = io.out<T>(0);
    for (int64_t i = 0; i < count; ++i) y[i] = answers[static_cast<size_t>(x[i] - kMin)];
    return {};
  };
}

}  // namespace

Result<void> same_shape(Site& site) { return site.set_shape(0, site.in(0).shape); }

Result<Kernel> unary(Site& site, UnaryF32 loop) {
  switch (site.in(0).dtype) {
    case DType::kInt8: return table<int8_t>(site, loop);
    case DType::kUint8: return table<uint8_t>(site, loop);
    default:
      return [loop, count = static_cast<int32_t>(site.in(0).elements())](const Io& io) -> Result<void> {
        loop(io.in<float>(0), io.out<float>(0), count);
        return {};
      };
  }
}

}  // namespace tulle::ops
