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

/// The part of To for channels from `channel` on.
inline tulle_codes from_channel(tulle_codes to, int32_t channel) { return to.factors += channel, to; }
inline tulle_rounding from_channel(tulle_rounding to, int32_t channel) { return to.factors += channel, to; }

}  // namespace tulle::ops
