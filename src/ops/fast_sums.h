// FastSums: the exact sums of 8-bit convolutions by vector kernels, and which convolutions those do.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "kernels/depthwise.h"
#include "kernels/int_conv.h"
#include "ops/op.h"

namespace tulle::ops {

struct ConvPlan;

/// The convolution as kernels see it.
kernels::Conv2d geometry_of(const ConvPlan& plan);

class FastSums {
 public:
  /// Nothing where the plain loops have to do it: no kernels, weights that are no constants, another form, dilations
  /// that pad more than they read. Packs the weights.
  static Result<std::optional<FastSums>> find(Site& site, const ConvPlan& plan);

  /// Sums of all outputs. One zero point of the activations for each `pixels_each` input positions of the batch.
  void run(const Io& io, const void* x, const int32_t* zero_points, int64_t pixels_each, kernels::Emit emit) const;

  const kernels::Kernels& kernels() const { return *kernels_; }
  /// What the sum of the activations of a row is to be multiplied by and taken away; 0 where weights have no zero
  /// point.
  int32_t w_zero() const { return w_zero_; }
  /// The zero point still inside the sums of activations with this one, times weight_sums()[channel].
  int32_t inner_zero(int32_t zero_point) const {
    return conv_ != nullptr ? conv_->inner_zero(zero_point) : depthwise_->inner_zero(zero_point);
  }
  const int32_t* weight_sums() const { return weight_sums_; }

  /// Writes row m of a tile as the plain loops would have summed it.
  void centre(const kernels::Sums& tile, int32_t m, int32_t zero_point, uint32_t* sums) const;

 private:
  const kernels::Kernels* kernels_ = nullptr;
  std::shared_ptr<const kernels::IntConv> conv_;
  std::shared_ptr<const kernels::Depthwise> depthwise_;
  const std::byte* packed_ = nullptr;
  const int32_t* weight_sums_ = nullptr;
  int32_t w_zero_ = 0, in_w_ = 1;
  size_t scratch_ = 0;
};

}  // namespace tulle::ops
