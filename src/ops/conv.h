// The preparation that CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED share.
#pragma once

#include <utility>
#include <vector>

#include "ops/activation.h"
#include "ops/conv.ref.h"
#include "ops/op.h"
#include "ops/weights.h"

namespace tulle::ops {

/// One operator's sums of products, for each pair of element types.
struct ConvSums {
  tulle_sums_f32 f32;
  tulle_sums_i8 i8;
  tulle_sums_u8 u8;
  tulle_sums_i16 i16;
};

/// How each batch of real activations becomes int8 for an integer filter: with zero point 0, or its own.
enum class RowScales { kSymmetric, kAsymmetric };

struct ConvPlan {
  tulle_conv conv;  ///< zero points are filled in; an int8 filter's is 0 unless given here
  ConvSums sums;
  int x = 0, w = 1, bias = 2;  ///< which inputs these are
  int filter_axis = 0;         ///< the filter's dimension of output channels
  RowScales rows = RowScales::kAsymmetric;
  bool scales_in_turn = false;  ///< see tulle_scaled_reals
};

/// Checks filter, bias and quantisation, and returns the kernel for the operands' types: float, 8-bit, 16-bit
/// activations on 8-bit filters, or real activations on 8-bit filters. 4- and 2-bit filters count as 8-bit.
Result<Kernel> conv(Site& site, const ConvPlan& plan);

/// The part of it for real activations, float and integer filters.
Result<Kernel> conv_reals(Site& site, const ConvPlan& plan);

Result<void> check_bias(const Site& site, const ConvPlan& plan);

/// How sums become codes of the output: a factor for each channel, fixed and in double, zero point and bounds.
struct Rescale {
  std::vector<tulle_factor> factors;
  std::vector<double> reals;
  int32_t zero_point;
  RangeI32 bounds;

  void fill(tulle_codes& codes) const { codes = {factors.data(), zero_point, bounds.low, bounds.high}; }
  void fill(tulle_rounding& codes) const { codes = {reals.data(), zero_point, bounds.low, bounds.high}; }
};

/// Checks the quantisation of an integer node and fills in the zero points of plan.conv.
Result<Rescale> rescale(Site& site, ConvPlan& plan);

/// The kernel of a loop made by TULLE_CONV.
template <class X, class W, class Sum, class Bias, class To, class Y>
Result<Kernel> conv_codes(Site& site, ConvPlan plan,
                          void (*loop)(void (*)(const X*, const W*, const tulle_conv*, const tulle_pixel*, Sum*),
                                       const X*, const W*, const Bias*, const tulle_conv*, const To*, Sum*, Y*),
                          void (*sums)(const X*, const W*, const tulle_conv*, const tulle_pixel*, Sum*)) {
  TULLE_TRY(Rescale to, rescale(site, plan));
  const int scratch = site.scratch(sizeof(Sum) * static_cast<size_t>(plan.conv.out_c));
  return [=, to = std::move(to), weights = Weights(site, plan.w)](const Io& io) -> Result<void> {
    To codes;
    to.fill(codes);
    loop(sums, io.in<X>(plan.x), reinterpret_cast<const W*>(weights.at(io)), io.in<Bias>(plan.bias), &plan.conv, &codes,
         reinterpret_cast<Sum*>(io.scratch[static_cast<size_t>(scratch)]), io.out<Y>(0));
    return {};
  };
}

}  // namespace tulle::ops
