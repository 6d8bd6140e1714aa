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
};

/// The factor as a number.
double real_of(const ChannelFactor& factor);
/// Half of the steps to which a result is rounded first; 0 where it is rounded once.
double half_of(const ChannelFactor& factor);

/// Fills in the floats of sums or products, of which by.a, by.b and by.to are these; none where they would be sure too
/// seldom.
void fill_reals(const Kernels& kernels, const ChannelFactor& a, const ChannelFactor& b, const ChannelFactor& to,
                PairCodes& by);

/// Codes by floats: code = floor(v + zero_point + 0.5), cut off, of v = sum * scale + add; where v is so close to the
/// next code that the roundings of floats could tell, somebody else has to say.
class RealCodes {
 public:
  struct Channel {
    double scale = 0, add = 0;
    double half = 0;  ///< moves v away from zero, as a rounding to small steps before the last one does
  };
  struct Bounds {
    int32_t zero_point, low, high;
  };
  /// Nothing where floats would be sure too seldom. Groups are in whole vectors, with one vector more at the end.
  static std::optional<RealCodes> find(const Kernels& kernels, std::span<const Channel> slots, const Bounds& to);

  /// Makes codes of a tile; `again(part, row)` makes those of a part from this row on that are not sure.
  template <class Again>
  void codes(CodesTile& tile, int32_t slot, Again again) const {
    tile.low = low_;
    tile.high = high_;
    tile.reals = reals_.data() + static_cast<size_t>(slot) * kRealVectors;
    tile.origin = origin_;
    tile.near = near_;
    const int32_t rows = tile.rows;
    int32_t row = 0;
    const auto pass = [&](int32_t count) {
      tile.sums += count * tile.stride;
      tile.y += count * tile.y_stride;
      if (tile.row_totals != nullptr) tile.row_totals += count;
      row += count;
    };
    for (;;) {
      const int32_t sure = codes_(tile);
      if (row + sure == rows) return;
      pass(sure);
      tile.rows = rows - row < kSureRows ? rows - row : kSureRows;
      again(tile, row);
      pass(tile.rows);
      if (row == rows) return;
      tile.rows = rows - row;
    }
  }

 private:
  int32_t (*codes_)(const CodesTile&) = nullptr;
  std::vector<float> reals_;
  int32_t low_ = 0, high_ = 0;
  float origin_ = 0;
  uint32_t near_ = 0;
};

/// Codes by integers, always exact.
class Factors {
 public:
  /// Whether Kernels::codes takes these: every shift is in -31...0.
  static bool take(std::span<const ChannelFactor> channels);

  /// Channels fall into groups; the vectors of each begin anew.
  Factors(const Kernels& kernels, std::span<const ChannelFactor> channels, int32_t groups, const RealCodes::Bounds& to);

  /// Makes codes of a tile; `slot`: its first channel, counting groups as whole vectors.
  void codes(CodesTile& tile, int32_t slot) const {
    tile.zero_point = to_.zero_point;
    tile.low = to_.low;
    tile.high = to_.high;
    tile.factors = blocks_.data() + static_cast<size_t>(slot) * kFactorVectors;
    codes_(tile);
  }

 private:
  void fill(size_t slot, const ChannelFactor& channel);

  int32_t lanes_;
  RealCodes::Bounds to_;
  void (*codes_)(const CodesTile&);
  std::vector<uint32_t> blocks_;
};

/// Where each of the channels, in groups, is among slots.
inline size_t slot_of(const Kernels& kernels, size_t channel, size_t channels, int32_t groups) {
  const auto lanes = static_cast<size_t>(kernels.lanes), share = channels / static_cast<size_t>(groups);
  return channel / share * ((share + lanes - 1) / lanes * lanes) + channel % share;
}

/// How many slots channels in groups take.
inline size_t slots_of(const Kernels& kernels, size_t channels, int32_t groups) {
  const auto lanes = static_cast<size_t>(kernels.lanes), share = channels / static_cast<size_t>(groups);
  return ((share + lanes - 1) / lanes * static_cast<size_t>(groups) + 1) * lanes;
}

}  // namespace tulle::kernels
