// Depthwise sums: taps in pairs, the channels of two taps interleaved so that one multiply-add takes both.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

constexpr int kBlock = kBytes / 2;  ///< channels of a block

#if TULLE_QUADS
/// Four vectors of bytes at consecutive taps; the last may repeat a tap, whose weights are 0.
TULLE_INLINE I16 at_tap(const uint8_t* row, int64_t offset) { return widen(row + offset); }
#else
TULLE_INLINE I16 at_tap(const uint8_t* row, int64_t offset) { return load<I16>(row + offset); }
#endif

/// kPairs of taps; 0: as many as the tile says.
template <int kPairs>
TULLE_INLINE void depthwise_sums(const DepthwiseTile& tile) {
  const int32_t pairs = kPairs > 0 ? kPairs : (tile.terms + 1) / 2;
  const auto* weights = static_cast<const int16_t*>(tile.weights);
  for (int32_t p = 0; p < tile.pixels; ++p) {
    const uint8_t* row = tile.rows[p] + tile.skip;
    I32 first = {}, second = {};
#pragma GCC unroll 8
    for (int32_t t = 0; t < pairs; ++t) {
      const int64_t other = 2 * t + 1 < tile.terms ? 2 * t + 1 : 2 * t;
      const Two<I16> x = interleave(at_tap(row, tile.offsets[2 * t]), at_tap(row, tile.offsets[other]));
      first = dot_pairs(first, x.first, load<I16>(weights + 2 * t * kBlock));
      second = dot_pairs(second, x.second, load<I16>(weights + (2 * t + 1) * kBlock));
    }
    const Two<I32> sums = in_order(first, second);
    store(tile.sums + p * kBlock, sums.first);
    store(tile.sums + p * kBlock + kLanes, sums.second);
  }
}

}  // namespace

const int32_t depthwise_channels = kBlock;

int64_t depthwise_bytes(int32_t terms) { return int64_t{(terms + 1) / 2} * 2 * kBytes; }

void pack_depthwise(const int16_t* w, int64_t stride, int32_t terms, int32_t channels, void* out) {
  const auto at = [&](int32_t term) { return term < terms ? load_part<I16>(w + term * stride, channels) : I16{}; };
  auto* to = static_cast<int16_t*>(out);
  for (int32_t t = 0; t < terms; t += 2, to += 2 * kBlock) {
    const Two<I16> pair = interleave(at(t), at(t + 1));
    store(to, pair.first);
    store(to + kBlock, pair.second);
  }
}

void depthwise(const DepthwiseTile& tile) {
  switch ((tile.terms + 1) / 2) {
    case 5: return depthwise_sums<5>(tile);
    case 13: return depthwise_sums<13>(tile);
    default: return depthwise_sums<0>(tile);
  }
}

void float_depthwise(const FloatDepthwiseTile& tile) {
  const F32 low = fill(tile.low), high = fill(tile.high);
  for (int32_t p = 0; p < tile.pixels; ++p) {
    const float* row = tile.rows[p];
    float* y = tile.y + int64_t{p} * tile.channels;
    int32_t c = 0;
    for (; c + 2 * kLanes <= tile.channels; c += 2 * kLanes) {
      F32 first = load<F32>(tile.bias + c), second = load<F32>(tile.bias + c + kLanes);
      const float* w = tile.weights + c;
      for (int32_t t = 0; t < tile.terms; ++t, w += tile.channels) {
        const float* x = row + tile.offsets[t] + c;
        first = fma(load<F32>(x), load<F32>(w), first);
        second = fma(load<F32>(x + kLanes), load<F32>(w + kLanes), second);
      }
      store(y + c, min(max(first, low), high));
      store(y + c + kLanes, min(max(second, low), high));
    }
    for (; c < tile.channels; c += kLanes) {
      const int left = tile.channels - c < kLanes ? tile.channels - c : kLanes;
      F32 sum = load_part<F32>(tile.bias + c, left);
      const float* w = tile.weights + c;
      for (int32_t t = 0; t < tile.terms; ++t, w += tile.channels)
        sum = fma(load_part<F32>(row + tile.offsets[t] + c, left), load_part<F32>(w, left), sum);
      store_part(y + c, min(max(sum, low), high), left);
    }
  }
}

}  // namespace tulle::kernels::TULLE_ISA
