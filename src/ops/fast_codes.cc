// Factors from quantised nodes, and their use on tiles.
#include "ops/fast_codes.h"

#include "ops/conv.h"

namespace tulle::ops {

std::optional<TileCodes> TileCodes::find(const ConvPlan& plan, const FastSums& sums, const Rescale& to,
                                         const int32_t* bias) {
  const tulle_conv& conv = plan.conv;
  const auto out_c = static_cast<size_t>(conv.out_c);
  // A product of two 8-bit values less zero points is at most 255 * 255.
  const uint64_t terms = static_cast<uint64_t>(conv.window.taps_h) * static_cast<uint64_t>(conv.window.taps_w) *
                         static_cast<uint64_t>(conv.in_c);
  const int32_t groups = plan.form == Form::kDepthwise ? 1 : conv.groups, share = conv.out_c / groups;
  std::vector<kernels::ChannelFactor> channels(out_c);
  for (size_t c = 0; c < out_c; ++c) {
    const tulle_factor factor = to.factors[to.factors.size() == 1 ? 0 : c];
    uint32_t add = bias == nullptr ? 0 : static_cast<uint32_t>(bias[c]);
    const int64_t own = static_cast<int32_t>(add);
    add -= sums.inner(conv.x_zero, static_cast<int32_t>(c) / share, static_cast<int32_t>(c) % share);
    channels[c] = {static_cast<int32_t>(add), factor.multiplier, factor.shift,
                   terms * 255 * 255 + static_cast<uint64_t>(own < 0 ? -own : own)};
  }
  if (!kernels::Factors::take(channels)) return std::nullopt;
  return TileCodes(kernels::Factors(sums.kernels(), channels, groups, to.zero_point, to.bounds.low, to.bounds.high),
                   conv.out_c);
}

void TileCodes::operator()(const FastSums& from, const kernels::Sums& tile, uint8_t* y) const {
  int32_t totals[kMaxTile];
  if (tile.totals != nullptr)
    for (int32_t m = 0; m < tile.rows; ++m)
      totals[m] = static_cast<int32_t>(uint32_t{0} -
                                       static_cast<uint32_t>(tile.totals[m]) * static_cast<uint32_t>(from.w_zero()));
  factors_.codes({.sums = tile.sums,
                  .stride = tile.stride,
                  .row_totals = tile.totals != nullptr ? totals : nullptr,
                  .rows = tile.rows,
                  .channels = tile.channels,
                  .y = y + tile.pixel * out_c_ + tile.channel,
                  .y_stride = out_c_},
                 tile.slot);
}

}  // namespace tulle::ops
