// Factors from quantised nodes, and their use on tiles.
#include "ops/fast_codes.h"

#include <algorithm>

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
                                         const int32_t* bias, bool rounded) {
  const auto out_c = static_cast<size_t>(plan.conv.out_c);
  const int32_t groups = plan.form == Form::kDepthwise ? 1 : plan.conv.groups;
  std::vector<kernels::ChannelFactor> factors(out_c);
  std::vector<kernels::RealCodes::Channel> reals(kernels::slots_of(sums.kernels(), out_c, groups));
  bool real = true;
  for (size_t c = 0; c < out_c; ++c) {
    const tulle_factor factor = to.factors[to.factors.size() == 1 ? 0 : c];
    const Base base = base_of(plan, sums, bias, static_cast<int32_t>(c));
    factors[c] = {base.add, factor.multiplier, factor.shift};
    // Sums must not wrap, neither by themselves nor where the reference moves them to the left first.
    const int left = rounded ? 0 : std::clamp(factor.shift, 0, 30);
    real &= base.bound < uint64_t{1} << (30 - left);
    const double scale = rounded ? to.reals[to.reals.size() == 1 ? 0 : c] : kernels::real_of(factors[c]);
    reals[kernels::slot_of(sums.kernels(), c, out_c, groups)] = {scale, base.add * scale,
                                                                 rounded ? 0 : kernels::half_of(factors[c])};
  }
  TileCodes found;
  found.pitch_ = plan.conv.out_c;
  const kernels::RealCodes::Bounds bounds{to.zero_point, to.bounds.low, to.bounds.high};
  if (real) found.reals_ = kernels::RealCodes::find(sums.kernels(), reals, bounds);
  if (!rounded && kernels::Factors::take(factors)) found.factors_.emplace(sums.kernels(), factors, groups, bounds);
  if (!found.reals_.has_value() && !found.factors_.has_value()) return std::nullopt;
  return found;
}

void TileCodes::operator()(const FastSums& from, const kernels::Sums& tile, uint8_t* y, int64_t pitch,
                           kernels::Emit again) const {
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
    again.call(again.self, rows);
  });
}

}  // namespace tulle::ops
