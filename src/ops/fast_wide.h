// FastWide: the exact 64-bit sums of int16 activations and 8-bit weights by vector kernels.
#pragma once

#include <memory>
#include <optional>

#include "kernels/depthwise.h"
#include "kernels/wide_conv.h"
#include "ops/op.h"

namespace tulle::ops {

struct ConvPlan;

class FastWide {
 public:
  /// Nothing where the plain loops have to do it; see FastSums. Packs the weights.
  static Result<std::optional<FastWide>> find(Site& site, const ConvPlan& plan);

  /// Calls row(sums, pixel, channel, channels) for pieces of all rows of outputs, from several threads at once.
  template <class Row>
  void run(const Io& io, const int16_t* x, const Row& row) const {
    if (conv_ != nullptr) {
      const auto emit = [&](const kernels::WideSums& tile) {
        for (int32_t m = 0; m < tile.rows; ++m)
          row(tile.sums + m * tile.stride, tile.pixel + m, tile.channel, tile.channels);
      };
      conv_->run(
          x, packed_, io.scratch[scratch_], io.pool,
          {[](const void* self, const kernels::WideSums& tile) { (*static_cast<const decltype(emit)*>(self))(tile); },
           &emit});
      return;
    }
    const auto emit = [&](const kernels::Sums& tile) {
      constexpr int32_t kPart = 64;
      int64_t sums[kPart];
      for (int32_t m = 0; m < tile.rows; ++m)
        for (int32_t c = 0, some; c < tile.channels; c += some) {
          some = tile.channels - c < kPart ? tile.channels - c : kPart;
          for (int32_t i = 0; i < some; ++i) sums[i] = tile.sums[m * tile.stride + c + i];
          row(sums, tile.pixel + m, tile.channel + c, some);
        }
    };
    constexpr int32_t kNoZero = 0;
    depthwise_->run(x, &kNoZero, INT64_MAX, packed_, io.scratch[scratch_], io.pool, kernels::emit_to(emit));
  }

 private:
  std::shared_ptr<const kernels::WideConv> conv_;
  std::shared_ptr<const kernels::Depthwise> depthwise_;
  const std::byte* packed_ = nullptr;
  size_t scratch_ = 0;
};

}  // namespace tulle::ops
