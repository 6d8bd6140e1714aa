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
  /// Codes of a tile into an output whose pixels are `pitch` bytes apart; `again` makes those of some of its rows by
  /// other means.
  void operator()(const FastSums& from, const kernels::Sums& tile, uint8_t* y, int64_t pitch,
                  kernels::Emit again) const;
  void operator()(const FastSums& from, const kernels::Sums& tile, uint8_t* y, kernels::Emit again) const {
    (*this)(from, tile, y, pitch_, again);
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
