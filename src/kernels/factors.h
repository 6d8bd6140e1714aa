// Factors: what takes 32-bit sums to 8-bit codes, a channel each, in the form Kernels::codes reads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"

namespace tulle::kernels {

/// sum + bias, times multiplier * 2^(shift - 31), rounded as the reference does. multiplier is 0 or in [2^30, 2^31).
struct ChannelFactor {
  int32_t bias = 0, multiplier = 0, shift = 0;
  uint64_t bound = 0;  ///< the largest magnitude that sum + bias may take
};

/// multiplier * 2^(shift - 31) with shift in -31...0, for Kernels::add_i8 and its like.
Factor factor_of(int32_t multiplier, int32_t shift);

class Factors {
 public:
  /// Whether Kernels::codes takes these: every shift is in -31...0.
  static bool take(std::span<const ChannelFactor> channels);

  /// Channels fall into groups; the vectors of each begin anew.
  Factors(const Kernels& kernels, std::span<const ChannelFactor> channels, int32_t groups, int32_t zero_point,
          int32_t low, int32_t high);

  /// Makes codes of a tile; `slot`: its first channel, counting groups as whole vectors.
  void codes(CodesTile tile, int32_t slot) const {
    tile.zero_point = zero_point_;
    tile.low = low_;
    tile.high = high_;
    tile.factors = blocks_.data() + static_cast<size_t>(slot) * kFactorVectors;
    tile.reals = reals_.empty() ? nullptr : reals_.data() + static_cast<size_t>(slot) * 2;
    tile.near = near_;
    codes_(tile);
  }

 private:
  void fill(size_t slot, const ChannelFactor& channel);
  /// Float factors for codes_positive; false where they would not be near enough.
  bool fill_reals(std::span<const ChannelFactor* const> slots, bool fuses);

  int32_t lanes_, zero_point_, low_, high_;
  void (*codes_)(const CodesTile&);
  std::vector<uint32_t> blocks_;
  std::vector<float> reals_;
  uint32_t near_ = 0;
};

}  // namespace tulle::kernels
