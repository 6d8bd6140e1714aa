// From the tiles of vector kernels to the codes of an output.
#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "kernels/factors.h"
#include "ops/codes.ref.h"
#include "ops/fast_sums.h"

namespace tulle::ops {

struct Rescale;

/// Most channels and rows of a tile.
inline constexpr int kMaxTile = kernels::kMostRows;

/// Tiles of sums to codes by vector kernels: in float where that is sure, else in integers where factors allow it.
class TileCodes {
 public:
  /// Nothing where neither will do. `rounded`: the reference multiplies by a double and rounds once, as
  /// FULLY_CONNECTED does. `bias` may be null.
  static std::optional<TileCodes> find(const ConvPlan& plan, const FastSums& sums, const Rescale& to,
                                       const int32_t* bias, bool rounded);

  /// Where neighbours of the output do not lie side by side: bytes from one to the next.
  void set_pitch(int64_t pitch) { pitch_ = pitch; }
  /// `again(rows)` makes codes of some rows of the tile by other means.
  template <class Again>
  void operator()(const FastSums& from, const kernels::Sums& tile, uint8_t* y, Again again) const {
    (*this)(from, tile, y, pitch_, again);
  }
  template <class Again>
  void operator()(const FastSums& from, const kernels::Sums& tile, uint8_t* y, int64_t pitch, Again again) const {
    int32_t totals[kMaxTile];
    kernels::CodesTile codes{};
    codes.sums = tile.sums;
    codes.stride = tile.stride;
    if (tile.totals != nullptr) {
      for (int32_t m = 0; m < tile.rows; ++m)
        totals[m] = static_cast<int32_t>(uint32_t{0} -
                                         static_cast<uint32_t>(tile.totals[m]) * static_cast<uint32_t>(from.w_zero()));
      codes.row_totals = totals;
    }
    codes.rows = tile.rows;
    codes.channels = tile.channels;
    codes.y = y + tile.pixel * pitch + tile.channel;
    codes.y_stride = pitch;
    if (!reals_.has_value()) return factors_->codes(codes, tile.slot);
    reals_->codes(codes, tile.slot, [&](const kernels::CodesTile& part, int32_t row) {
      if (factors_.has_value()) {
        kernels::CodesTile same = part;
        return factors_->codes(same, tile.slot);
      }
      kernels::Sums rows = tile;
      rows.sums += row * tile.stride;
      if (rows.totals != nullptr) rows.totals += row;
      rows.rows = part.rows;
      rows.pixel += row;
      again(rows);
    });
  }

 private:
  std::optional<kernels::RealCodes> reals_;
  std::optional<kernels::Factors> factors_;
  int64_t pitch_ = 0;
};

/// The part of To for channels from `channel` on.
inline tulle_codes from_channel(tulle_codes to, int32_t channel) { return to.factors += channel, to; }
inline tulle_rounding from_channel(tulle_rounding to, int32_t channel) { return to.factors += channel, to; }

}  // namespace tulle::ops
