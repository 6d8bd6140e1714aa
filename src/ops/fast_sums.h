// FastSums: the exact sums of 8-bit convolutions by vector kernels, and which convolutions those do.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/depthwise.h"
#include "kernels/int_conv.h"
#include "kernels/int_winograd.h"
#include "ops/op.h"

namespace tulle::ops {

struct ConvPlan;

/// The convolution as kernels see it.
kernels::Conv2d geometry_of(const ConvPlan& plan);

/// Tells the site how rows of the output hang on those of the input, where that is input 0 and a batch of one.
void by_rows(Site& site, const ConvPlan& plan);

/// Weights [taps_h][taps_w][out_c] of a convolution of one channel in the order of a window's.
template <class W>
std::vector<W> by_channel(const kernels::Conv2d& conv, const W* weights) {
  const int64_t taps = int64_t{conv.taps_h} * conv.taps_w;
  std::vector<W> turned(static_cast<size_t>(taps * conv.out_c));
  for (int64_t c = 0; c < conv.out_c; ++c)
    for (int64_t t = 0; t < taps; ++t) turned[static_cast<size_t>(c * taps + t)] = weights[t * conv.out_c + c];
  return turned;
}

class FastSums {
 public:
  /// Nothing where the plain loops have to do it: no kernels, weights that are no constants, another form, dilations
  /// that pad more than they read. Packs the weights.
  static Result<std::optional<FastSums>> find(Site& site, const ConvPlan& plan);
  /// The same of windows alone, of weights that `pack` keeps packed; it shares this scratch, or asks for its own (-1).
  using Pack = std::function<Result<const std::byte*>(const kernels::IntConv& kernel)>;
  static Result<std::optional<FastSums>> of_windows(Site& site, const ConvPlan& plan, const Pack& pack, int scratch);
  /// The kernel of a window, without weights; `plan` says the rest.
  static kernels::IntConv window_kernel(const Site& site, const ConvPlan& plan);

  /// Sums of all outputs. One zero point of the activations for each `pixels_each` input positions of the batch.
  void run(const Io& io, const void* x, const int32_t* zero_points, int64_t pixels_each, kernels::Emit emit) const;
  /// Those of the elements that `io` names, with one zero point.
  void run_rows(const Io& io, const void* x, int32_t zero_point, kernels::Emit emit) const;

  /// Whether Emit::after may be other than null.
  bool piece_by_piece() const {
    return squares_ != nullptr ? squares_->piece_by_piece() : conv_ == nullptr || conv_->piece_by_piece();
  }

  const kernels::Kernels& kernels() const { return *kernels_; }
  /// What the sum of the activations of a row is to be multiplied by and taken away; 0 where weights have no zero
  /// point.
  int32_t w_zero() const { return w_zero_; }
  /// The part of the sums of a channel of group g that comes from the zero point of the activations.
  uint32_t inner(int32_t zero_point, int32_t g, int32_t channel) const {
    return conv_ == nullptr ? 0
                            : static_cast<uint32_t>(conv_->inner_zero(zero_point)) *
                                  static_cast<uint32_t>(conv_->weight_sum(g, channel));
  }

  /// What that part is: this times the sums of weights by slot; 0 and null where there is none.
  int32_t inner_zero(int32_t zero_point) const { return conv_ == nullptr ? 0 : conv_->inner_zero(zero_point); }
  const int32_t* weight_sums(int32_t slot) const { return conv_ == nullptr ? nullptr : conv_->slots().data() + slot; }

  /// Writes row m of a tile as the plain loops would have summed it.
  void centre(const kernels::Sums& tile, int32_t m, int32_t zero_point, uint32_t* sums) const;

 private:
  /// Goes by squares where that is faster; conv_ has the weights.
  void find_squares(const Site& site, const ConvPlan& plan);

  const kernels::Kernels* kernels_ = nullptr;
  std::shared_ptr<const kernels::IntConv> conv_;
  std::shared_ptr<const kernels::IntWinograd> squares_;  ///< null, or instead of conv_
  std::shared_ptr<const kernels::Depthwise> depthwise_;
  const std::byte* packed_ = nullptr;
  int32_t w_zero_ = 0, in_w_ = 1, out_c_ = 1;
  int32_t x_zero_ = 0;
  std::vector<uint32_t> inner_;  ///< inner() of x_zero_ for each slot
  size_t scratch_ = 0;
};

}  // namespace tulle::ops
