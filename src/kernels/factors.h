// Factors: what takes 32-bit sums to 8-bit codes, a channel each, in the form Kernels::codes reads.
#pragma once

#include <cstdint>
#include <optional>
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

/// Codes by floats, for channels where every code is floor(sum * scale + add), cut off, unless that is so close to a
/// whole number that the roundings of floats could tell.
class RealCodes {
 public:
  struct Channel {
    double scale = 0, add = 0;
  };
  /// Nothing where floats would be sure too seldom. Groups are in whole vectors, with one vector more at the end.
  static std::optional<RealCodes> find(const Kernels& kernels, std::span<const Channel> slots, int32_t low,
                                       int32_t high);

  /// Makes codes of a tile; `again(part, row)` makes those of a part from this row on that are not sure.
  template <class Again>
  void codes(const CodesTile& tile, int32_t slot, Again again) const {
    constexpr int32_t kRows = 16;
    CodesTile part = tile;
    part.low = low_;
    part.high = high_;
    part.reals = reals_.data() + static_cast<size_t>(slot) * 2;
    part.near = near_;
    for (int32_t row = 0; row < tile.rows; row += kRows) {
      part.sums = tile.sums + row * tile.stride;
      part.y = tile.y + row * tile.y_stride;
      if (tile.row_totals != nullptr) part.row_totals = tile.row_totals + row;
      part.rows = tile.rows - row < kRows ? tile.rows - row : kRows;
      if (!codes_(part)) again(part, row);
    }
  }

 private:
  bool (*codes_)(const CodesTile&) = nullptr;
  std::vector<float> reals_;
  int32_t low_ = 0, high_ = 0;
  uint32_t near_ = 0;
};

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
    if (reals_.has_value())
      reals_->codes(tile, slot, [this](const CodesTile& part, int32_t) { codes_(part); });
    else
      codes_(tile);
  }

 private:
  void fill(size_t slot, const ChannelFactor& channel);

  int32_t lanes_, zero_point_, low_, high_;
  void (*codes_)(const CodesTile&);
  std::vector<uint32_t> blocks_;
  std::optional<RealCodes> reals_;
};

/// How many slots channels in groups take.
inline size_t slots_of(const Kernels& kernels, size_t channels, int32_t groups) {
  const auto lanes = static_cast<size_t>(kernels.lanes), share = channels / static_cast<size_t>(groups);
  return ((share + lanes - 1) / lanes * static_cast<size_t>(groups) + 1) * lanes;
}

}  // namespace tulle::kernels
