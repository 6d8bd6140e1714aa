// Quantisation of a whole tensor or along any one axis, laid out for the loops of QUANTIZE and DEQUANTIZE.
#pragma once

#include <vector>

#include "ops/in_parts.h"
#include "ops/quantize.ref.h"

namespace tulle::ops {

struct Channels {
  int64_t outer, inner;
  std::vector<float> scales;
  std::vector<int32_t> zero_points;

  tulle_channels view() const {
    return {outer, static_cast<int64_t>(scales.size()), inner, scales.data(), zero_points.data()};
  }
};

/// Runs a loop of QUANTIZE or DEQUANTIZE from input 0 to output 0, in parallel.
template <class X, class Y>
void run_channels(const Io& io, const Channels& by, void (*loop)(const X*, const tulle_channels*, Y*)) {
  const tulle_channels all = by.view();
  const bool one = all.outer * all.channels == 1;
  const int64_t block = one ? 1 : all.channels * all.inner;
  in_parts(io, one ? all.inner : all.outer, block, [&](int64_t first, int64_t count, int) {
    tulle_channels part = all;
    (one ? part.inner : part.outer) = count;
    loop(io.in<X>(0) + first * block, &part, io.out<Y>(0) + first * block);
  });
}

/// The parameters of a tensor of codes low…high; an error where scales or zero points do not fit it.
Result<Channels> channels(const Site& site, const Tensor& tensor, int64_t low, int64_t high, std::string_view role);

}  // namespace tulle::ops
