// Factors from quantised nodes, and their use on tiles.
#include "ops/fast_codes.h"

#include "ops/conv.h"

namespace tulle::ops {

namespace {

/// A channel's bias with the part of its sums that comes from the activations' zero point, and the most that a centred
/// sum with bias can be: a product of two 8-bit values less zero points is at most 255 * 255.
struct Base {
  int32_t add;
  uint64_t bound;
};

Base base_of(const ConvPlan& plan, const FastSums& sums, const int32_t* bias, int32_t channel) {
  const tulle_conv& conv = plan.conv;
  const uint64_t terms = static_cast<uint64_t>(conv.window.taps_h) * static_cast<uint64_t>(conv.window.taps_w) *
                         static_cast<uint64_t>(conv.in_c);
  const int32_t share = conv.out_c / (plan.form == Form::kDepthwise ? 1 : conv.groups);
  const int32_t own = bias == nullptr ? 0 : bias[channel];
  const uint32_t inner = sums.inner(conv.x_zero, channel / share, channel % share);
  return {static_cast<int32_t>(static_cast<uint32_t>(own) - inner),
          terms * 255 * 255 + static_cast<uint64_t>(own < 0 ? -int64_t{own} : int64_t{own})};
}

}  // namespace

std::optional<TileCodes> TileCodes::find(const ConvPlan& plan, const FastSums& sums, const Rescale& to,
                                         const int32_t* bias) {
  std::vector<kernels::ChannelFactor> channels(static_cast<size_t>(plan.conv.out_c));
  for (size_t c = 0; c < channels.size(); ++c) {
    const tulle_factor factor = to.factors[to.factors.size() == 1 ? 0 : c];
    const Base base = base_of(plan, sums, bias, static_cast<int32_t>(c));
    channels[c] = {base.add, factor.multiplier, factor.shift, base.bound};
  }
  if (!kernels::Factors::take(channels)) return std::nullopt;
  const int32_t groups = plan.form == Form::kDepthwise ? 1 : plan.conv.groups;
  return TileCodes(kernels::Factors(sums.kernels(), channels, groups, to.zero_point, to.bounds.low, to.bounds.high),
                   plan.conv.out_c);
}

std::optional<RoundedTiles> RoundedTiles::find(const ConvPlan& plan, const FastSums& sums, const Rescale& to,
                                               const int32_t* bias) {
  if (plan.conv.groups != 1) return std::nullopt;
  const auto out_c = static_cast<size_t>(plan.conv.out_c);
  std::vector<kernels::RealCodes::Channel> slots(kernels::slots_of(sums.kernels(), out_c, 1));
  for (size_t c = 0; c < out_c; ++c) {
    const Base base = base_of(plan, sums, bias, static_cast<int32_t>(c));
    if (base.bound >= uint64_t{1} << 30) return std::nullopt;
    const double scale = to.reals[to.reals.size() == 1 ? 0 : c];
    slots[c] = {scale, base.add * scale + to.zero_point + 0.5};
  }
  auto reals = kernels::RealCodes::find(sums.kernels(), slots, to.bounds.low, to.bounds.high);
  if (!reals.has_value()) return std::nullopt;
  return RoundedTiles(*std::move(reals), plan.conv.out_c);
}

kernels::CodesTile as_codes(const FastSums& from, const kernels::Sums& tile, uint8_t* y, int32_t out_c,
                            int32_t (&totals)[kMaxTile]) {
  if (tile.totals != nullptr)
    for (int32_t m = 0; m < tile.rows; ++m)
      totals[m] = static_cast<int32_t>(uint32_t{0} -
                                       static_cast<uint32_t>(tile.totals[m]) * static_cast<uint32_t>(from.w_zero()));
  kernels::CodesTile codes{};
  codes.sums = tile.sums;
  codes.stride = tile.stride;
  codes.row_totals = tile.totals != nullptr ? totals : nullptr;
  codes.rows = tile.rows;
  codes.channels = tile.channels;
  codes.y = y + tile.pixel * out_c + tile.channel;
  codes.y_stride = out_c;
  return codes;
}

void TileCodes::operator()(const FastSums& from, const kernels::Sums& tile, uint8_t* y) const {
  int32_t totals[kMaxTile];
  factors_.codes(as_codes(from, tile, y, out_c_, totals), tile.slot);
}

}  // namespace tulle::ops
