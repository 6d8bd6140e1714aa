// Factors laid out for vectors.
#include "kernels/factors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace tulle::kernels {
namespace {

/// Whether the two roundings meet between two codes for some magnitude up to the bound. The product must then end in
/// exactly 30 zero bits; the multiplier brings some, the magnitude the others, which leaves few to try. From 512 on
/// every result is cut off, rounded up or down.
bool may_tie(const ChannelFactor& channel) {
  if (channel.multiplier == 0) return false;
  const auto right = static_cast<uint64_t>(-channel.shift);
  const uint64_t bound = std::min(channel.bound, uint64_t{1} << (10 + right));
  const auto multiplier = static_cast<uint64_t>(channel.multiplier);
  const int zeros = std::min(std::countr_zero(multiplier), 30);
  const uint64_t first = uint64_t{1} << (30 - zeros);
  constexpr uint64_t kMost = 1000;
  if (bound / (2 * first) > kMost) return true;
  const uint64_t half = (uint64_t{1} << 30) + (right > 0 ? uint64_t{1} << (30 + right) : 0);
  for (uint64_t q = first; q <= bound; q += 2 * first)
    if (((q * multiplier + half) & ((uint64_t{1} << (31 + right)) - 1)) == 0) return true;
  return false;
}

}  // namespace

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

// Of a sum that is not negative the two roundings are one floor: of the scaled sum, a half, and where there is a second
// rounding half a unit of the first. Where codes below the zero point are cut off, no other sums count.
Factors::Factors(const Kernels& kernels, std::span<const ChannelFactor> channels, int32_t groups, int32_t zero_point,
                 int32_t low, int32_t high)
    : lanes_(kernels.lanes), zero_point_(zero_point), low_(low), high_(high) {
  const auto lanes = static_cast<size_t>(lanes_);
  const size_t share = channels.size() / static_cast<size_t>(groups), padded = (share + lanes - 1) / lanes * lanes;
  const size_t count = slots_of(kernels, channels.size(), groups);  // codes are made two vectors at a time
  std::vector<RealCodes::Channel> reals(count);
  blocks_.assign(count * kFactorVectors, 0);
  for (size_t i = 0; i < channels.size(); ++i) {
    const ChannelFactor& channel = channels[i];
    const size_t slot = i / share * padded + i % share;
    fill(slot, channel);
    const double scale = std::ldexp(channel.multiplier, channel.shift - 31);
    reals[slot] = {
        scale, zero_point + 0.5 + channel.bias * scale + (channel.shift < 0 ? std::ldexp(0.5, channel.shift) : 0.0)};
  }
  constexpr uint64_t kNoOverflow = uint64_t{1} << 30;
  if (low >= zero_point && std::ranges::all_of(channels, [](const auto& c) { return c.bound < kNoOverflow; }))
    reals_ = RealCodes::find(kernels, reals, low, high);
  const bool exact = reals_.has_value() || std::ranges::any_of(channels, may_tie);
  codes_ = exact ? kernels.codes_ties : kernels.codes;
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

std::optional<RealCodes> RealCodes::find(const Kernels& kernels, std::span<const Channel> slots, int32_t low,
                                         int32_t high) {
  // Of results from 256 to 512 a float has 15 bits of fraction. Units of the last are lost by rounding a sum that
  // floats do not hold, the scale, without a fused step their product, then the offset and the result.
  constexpr double kUnit = 1.0 / (1 << 15), kRounding = 1.0 / (1 << 24), kExact = 1 << 24, kMost = 64;
  double units = 0;
  for (const Channel& channel : slots) {
    const double offset = 256 - low + channel.add;
    const double product = std::max(std::abs(512 - offset), std::abs(offset - 256));
    const int roundings = (product >= kExact * channel.scale ? 1 : 0) + 1 + (kernels.fuses ? 0 : 1);
    units = std::max(units, (product * roundings + std::abs(offset)) * kRounding / kUnit + 0.5);
  }
  if (!(units <= kMost)) return std::nullopt;
  const auto reach = static_cast<uint32_t>(std::ceil(units));
  const auto lanes = static_cast<size_t>(kernels.lanes);
  RealCodes found;
  found.codes_ = kernels.codes_real;
  found.low_ = low;
  found.high_ = high;
  found.near_ = 2 * reach << 17;
  found.reals_.assign(slots.size() * 2, 0);
  for (size_t i = 0; i < slots.size(); ++i) {
    float* block = found.reals_.data() + i / lanes * 2 * lanes + i % lanes;
    block[0] = static_cast<float>(slots[i].scale);
    block[lanes] = static_cast<float>(256 - low + slots[i].add + reach * kUnit);
  }
  return found;
}

}  // namespace tulle::kernels
