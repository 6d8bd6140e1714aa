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

Factors::Factors(const Kernels& kernels, std::span<const ChannelFactor> channels, int32_t groups, int32_t zero_point,
                 int32_t low, int32_t high)
    : lanes_(kernels.lanes), zero_point_(zero_point), low_(low), high_(high) {
  const auto lanes = static_cast<size_t>(lanes_);
  const size_t share = channels.size() / static_cast<size_t>(groups);
  const size_t padded = (share + lanes - 1) / lanes * lanes;
  const size_t count = padded * static_cast<size_t>(groups) + lanes;  // codes are made two vectors at a time
  constexpr ChannelFactor kNone;
  std::vector<const ChannelFactor*> slots(count, &kNone);
  for (size_t i = 0; i < channels.size(); ++i) slots[i / share * padded + i % share] = &channels[i];
  blocks_.assign(count * kFactorVectors, 0);
  for (size_t i = 0; i < count; ++i) fill(i, *slots[i]);
  const bool positive = low >= zero_point && fill_reals(slots, kernels.fuses);
  codes_ = positive                                 ? kernels.codes_positive
           : std::ranges::any_of(channels, may_tie) ? kernels.codes_ties
                                                    : kernels.codes;
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

// Of a sum that is not negative the two roundings are one floor: of the scaled sum, a half, and where there is a second
// rounding half a unit of the first. Below the zero point all codes are the lowest.
bool Factors::fill_reals(std::span<const ChannelFactor* const> slots, bool fuses) {
  const auto lanes = static_cast<size_t>(lanes_);
  // Of results from 256 to 512 a float has 15 bits of fraction. Units of the last are lost by rounding a sum that
  // floats do not hold, the scale, without a fused step their product, then the offset and the result.
  constexpr double kUnit = 1.0 / (1 << 15), kRounding = 1.0 / (1 << 24), kExact = 1 << 24;
  std::vector<double> offsets(slots.size());
  double units = 0;
  for (size_t i = 0; i < slots.size(); ++i) {
    const ChannelFactor& channel = *slots[i];
    if (channel.bound >= uint64_t{1} << 30) return false;
    const double scale = std::ldexp(channel.multiplier, channel.shift - 31);
    offsets[i] =
        256.5 + zero_point_ - low_ + channel.bias * scale + (channel.shift < 0 ? std::ldexp(0.5, channel.shift) : 0.0);
    const double product = std::max(std::abs(512 - offsets[i]), std::abs(offsets[i] - 256));
    const int roundings = (product >= kExact * scale ? 1 : 0) + 1 + (fuses ? 0 : 1);
    units = std::max(units, (product * roundings + std::abs(offsets[i])) * kRounding / kUnit + 0.5);
  }
  constexpr double kMost = 64;
  if (units > kMost) return false;
  const auto reach = static_cast<uint32_t>(std::ceil(units));
  near_ = 2 * reach << 17;
  reals_.assign(slots.size() * 2, 0);
  for (size_t i = 0; i < slots.size(); ++i) {
    float* block = reals_.data() + i / lanes * 2 * lanes + i % lanes;
    block[0] = static_cast<float>(std::ldexp(slots[i]->multiplier, slots[i]->shift - 31));
    block[lanes] = static_cast<float>(offsets[i] + reach * kUnit);
  }
  return true;
}

}  // namespace tulle::kernels
