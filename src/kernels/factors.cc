// Factors laid out for vectors.
#include "kernels/factors.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tulle::kernels {
Factor factor_of(int32_t multiplier, int32_t shift) {
  // Without a second rounding an odd lane's result would have to move up: all numbers are doubled instead.
  const auto right = static_cast<uint64_t>(-shift);
  const auto m = static_cast<uint32_t>(multiplier);
  if (right == 0) return {m << 1, uint64_t{1} << 31, 32};
  return {m, (uint64_t{1} << 30) + (uint64_t{1} << (30 + right)), 31 + right};
}

bool Factors::take(std::span<const ChannelFactor> channels) {
  return std::ranges::all_of(channels, [](const ChannelFactor& c) { return c.shift <= 0 && c.shift >= -31; });
}

Factors::Factors(const Kernels& kernels, std::span<const ChannelFactor> channels, int32_t groups,
                 const RealCodes::Bounds& to)
    : lanes_(kernels.lanes), to_(to), codes_(kernels.codes) {
  blocks_.assign(slots_of(kernels, channels.size(), groups) * kFactorVectors, 0);
  for (size_t i = 0; i < channels.size(); ++i) fill(slot_of(kernels, i, channels.size(), groups), channels[i]);
}

void Factors::fill(size_t slot, const ChannelFactor& channel) {
  const auto lanes = static_cast<size_t>(lanes_);
  uint32_t* block = blocks_.data() + slot / lanes * kFactorVectors * lanes;
  const size_t lane = slot % lanes, odd = lane % 2, half_lane = lane / 2;
  auto [multiplier, half, shift] = factor_of(channel.multiplier, channel.shift);
  shift -= odd != 0 ? 32 : 0;
  block[lane] = static_cast<uint32_t>(channel.bias);
  block[lanes + lane] = multiplier;
  std::memcpy(block + 2 * lanes + odd * lanes + 2 * half_lane, &half, sizeof half);
  std::memcpy(block + 4 * lanes + odd * lanes + 2 * half_lane, &shift, sizeof shift);
}

namespace {

/// Of results from 256 to 512 a float has 15 bits of fraction; a rounding loses up to so much of a number.
constexpr double kUnit = 1.0 / (1 << 15), kRounding = 1.0 / (1 << 24);
/// Most units of uncertainty at which floats pay.
constexpr double kMost = 64;

}  // namespace

double real_of(const ChannelFactor& factor) { return std::ldexp(factor.multiplier, factor.shift - 31); }
double half_of(const ChannelFactor& factor) { return factor.shift < 0 ? std::ldexp(0.5, factor.shift) : 0; }

void fill_reals(const Kernels& kernels, const ChannelFactor& a, const ChannelFactor& b, const ChannelFactor& to,
                PairCodes& by) {
  const bool sums = by.left_shift > 0;
  const double common = real_of(to) * std::ldexp(1.0, by.left_shift);
  const double a_real = sums ? real_of(a) * common : real_of(to);
  const double b_real = sums ? real_of(b) * common * (by.subtract ? -1 : 1) : 0;
  // Scales, products, their sum, and two more with what is added. Of a sum, each operand has been rounded twice.
  const double reach_of_v = 512 + (sums ? 2 * 255 * (std::abs(a_real) + std::abs(b_real)) : 0);
  const double units =
      (reach_of_v * (kernels.fuses ? 2 : 4) + 3 * 512) * kRounding / kUnit + 0.5 + (sums ? 3 * real_of(to) / kUnit : 0);
  if (!(units <= kMost)) return;
  const double reach = std::ceil(units);
  by.a_real = static_cast<float>(a_real);
  by.b_real = static_cast<float>(b_real);
  by.half = static_cast<float>(half_of(to));
  by.origin = static_cast<float>(256.5 - by.low + by.zero_point + reach * kUnit);
  by.near = 2 * static_cast<uint32_t>(reach) << 17;
}

std::optional<RealCodes> RealCodes::find(const Kernels& kernels, std::span<const Channel> slots, const Bounds& to) {
  // Where codes below the zero point are cut off, v counts only where it is not negative.
  const bool by_sign =
      to.low < to.zero_point && std::ranges::any_of(slots, [](const Channel& c) { return c.half != 0; });
  // Units are lost by rounding a sum that floats do not hold, the scale, without a fused step their product, then the
  // offsets and the results.
  constexpr double kExact = 1 << 24;
  const double origin = 256.5 - to.low + to.zero_point;
  double units = 0;
  for (const Channel& channel : slots) {
    const double offset = origin + channel.add + (by_sign ? 0 : channel.half);
    const double product = std::max(std::abs(512 - offset), std::abs(offset - 256));
    const int roundings = (product >= kExact * channel.scale ? 1 : 0) + 1 + (kernels.fuses ? 0 : 1);
    const double offsets = by_sign ? std::abs(channel.add) + 2 * 512 : std::abs(offset);
    units = std::max(units, (product * roundings + offsets) * kRounding / kUnit + 0.5);
  }
  if (!(units <= kMost)) return std::nullopt;
  const auto reach = static_cast<uint32_t>(std::ceil(units));
  const auto lanes = static_cast<size_t>(kernels.lanes);
  const double whole = origin + reach * kUnit;
  RealCodes found;
  found.codes_ = by_sign ? kernels.codes_signed : kernels.codes_real;
  found.low_ = to.low;
  found.high_ = to.high;
  found.origin_ = static_cast<float>(whole);
  found.near_ = 2 * reach << 17;
  found.reals_.assign(slots.size() * kRealVectors, 0);
  for (size_t i = 0; i < slots.size(); ++i) {
    float* block = found.reals_.data() + i / lanes * kRealVectors * lanes + i % lanes;
    block[0] = static_cast<float>(slots[i].scale);
    block[lanes] = static_cast<float>(by_sign ? slots[i].add : whole + slots[i].add + slots[i].half);
    block[2 * lanes] = static_cast<float>(slots[i].half);
  }
  return found;
}

}  // namespace tulle::kernels
