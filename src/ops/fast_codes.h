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
inline constexpr int kMaxTile = 64;

/// A tile of sums for kernels that make codes; `totals` is room for what each row's sums are to be raised by.
kernels::CodesTile as_codes(const FastSums& from, const kernels::Sums& tile, uint8_t* y, int32_t out_c,
                            int32_t (&totals)[kMaxTile]);

/// Tiles to codes by Kernels::codes, where the factors allow it.
class TileCodes {
 public:
  /// Nothing where a channel's factor is over 1. `bias` may be null.
  static std::optional<TileCodes> find(const ConvPlan& plan, const FastSums& sums, const Rescale& to,
                                       const int32_t* bias);
  void operator()(const FastSums& from, const kernels::Sums& tile, uint8_t* y) const;

 private:
  TileCodes(kernels::Factors factors, int32_t out_c) : factors_(std::move(factors)), out_c_(out_c) {}
  kernels::Factors factors_;
  int32_t out_c_;
};

/// Tiles to codes where the reference multiplies by a double and rounds once, as FULLY_CONNECTED does.
class RoundedTiles {
 public:
  /// Nothing where floats would be sure too seldom. `bias` may be null.
  static std::optional<RoundedTiles> find(const ConvPlan& plan, const FastSums& sums, const Rescale& to,
                                          const int32_t* bias);
  /// `again(rows)` makes codes of some rows of the tile.
  template <class Again>
  void operator()(const FastSums& from, const kernels::Sums& tile, uint8_t* y, Again again) const {
    int32_t totals[kMaxTile];
    reals_.codes(as_codes(from, tile, y, out_c_, totals), tile.slot, [&](const kernels::CodesTile& part, int32_t row) {
      kernels::Sums rows = tile;
      rows.sums += row * tile.stride;
      if (rows.totals != nullptr) rows.totals += row;
      rows.rows = part.rows;
      rows.pixel += row;
      again(rows);
    });
  }

 private:
  RoundedTiles(kernels::RealCodes reals, int32_t out_c) : reals_(std::move(reals)), out_c_(out_c) {}
  kernels::RealCodes reals_;
  int32_t out_c_;
};

/// The part of To for channels from `channel` on.
inline tulle_codes from_channel(tulle_codes to, int32_t channel) { return to.factors += channel, to; }
inline tulle_rounding from_channel(tulle_rounding to, int32_t channel) { return to.factors += channel, to; }

}  // namespace tulle::ops
