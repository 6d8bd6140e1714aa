// Quantisation of a whole tensor or along any one axis, laid out for the loops of QUANTIZE and DEQUANTIZE.
#pragma once

#include <vector>

#include "ops/op.h"
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

/// The parameters of a tensor of codes low…high; an error where scales or zero points do not fit it.
Result<Channels> channels(const Site& site, const Tensor& tensor, int64_t low, int64_t high, std::string_view role);

}  // namespace tulle::ops
