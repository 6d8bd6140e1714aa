// Factors laid out for vectors.
#include "kernels/factors.h"

#include <algorithm>
#include <bit>
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
  const bool ties = std::ranges::any_of(channels, may_tie);
  const bool positive = !ties && low >= zero_point && std::ranges::all_of(channels, [](const ChannelFactor& c) {
    return c.shift < 0 && c.bound < uint64_t{1} << 31;
  });
  codes_ = positive ? kernels.codes_positive : ties ? kernels.codes_ties : kernels.codes;
  const auto lanes = static_cast<size_t>(lanes_);
  const size_t share = channels.size() / static_cast<size_t>(groups);
  const size_t padded = (share + lanes - 1) / lanes * lanes;
  const size_t slots = padded * static_cast<size_t>(groups) + lanes;  // codes are made two vectors at a time
  blocks_.assign(slots * kFactorVectors, 0);
  for (size_t i = 0; i < slots; ++i) {
    const size_t group = i / padded, within = i % padded;
    const bool real = group < static_cast<size_t>(groups) && within < share;
    fill(i, real ? channels[group * share + within] : ChannelFactor{}, positive);
  }
}

void Factors::fill(size_t slot, const ChannelFactor& channel, bool positive) {
  const auto lanes = static_cast<size_t>(lanes_);
  uint32_t* block = blocks_.data() + slot / lanes * kFactorVectors * lanes;
  const size_t lane = slot % lanes, odd = lane % 2, half_lane = lane / 2;
  auto [multiplier, half, shift] = factor_of(channel.multiplier, channel.shift);
  uint32_t first = static_cast<uint32_t>(channel.bias);
  if (positive) {
    first = static_cast<uint32_t>(zero_point_) - static_cast<uint32_t>(uint64_t{1} << (62 - shift));
    half += (uint64_t{1} << 62) + static_cast<uint64_t>(int64_t{channel.bias} * channel.multiplier);
  }
  shift -= odd != 0 ? 32 : 0;
  block[lane] = first;
  block[lanes + lane] = multiplier;
  std::memcpy(block + 2 * lanes + odd * lanes + 2 * half_lane, &half, sizeof half);
  std::memcpy(block + 4 * lanes + odd * lanes + 2 * half_lane, &shift, sizeof shift);
}

}  // namespace tulle::kernels
