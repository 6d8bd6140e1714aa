// Depthwise sums: taps in pairs, the channels of two taps interleaved so that one multiply-add takes both.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

constexpr int kBlock = kBytes / 2;  ///< channels of a block

template <class T>
TULLE_INLINE void centre(const T* x, int64_t count, int32_t zero_point, int16_t* out) {
  const I16 zero = fill16(static_cast<int16_t>(zero_point));
  int64_t i = 0;
  for (; i + kBlock <= count; i += kBlock) store(out + i, widen(x + i) - zero);
  for (; i < count; ++i) out[i] = static_cast<int16_t>(x[i] - zero_point);
}

/// kPairs of taps; 0: as many as the tile says.
template <int kPairs>
TULLE_INLINE void depthwise_sums(const DepthwiseTile& tile) {
  const int32_t pairs = kPairs > 0 ? kPairs : (tile.terms + 1) / 2;
  const auto* weights = static_cast<const int16_t*>(tile.weights);
  for (int32_t p = 0; p < tile.pixels; ++p) {
    const int16_t* row = tile.rows[p] + tile.skip;
    I32 first = {}, second = {};
#pragma GCC unroll 8
    for (int32_t t = 0; t < pairs; ++t) {
      const int64_t other = 2 * t + 1 < tile.terms ? 2 * t + 1 : 2 * t;
      const Two<I16> x = interleave(load<I16>(row + tile.offsets[2 * t]), load<I16>(row + tile.offsets[other]));
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

void centre_i8(const int8_t* x, int64_t count, int32_t zero_point, int16_t* out) { centre(x, count, zero_point, out); }
void centre_u8(const uint8_t* x, int64_t count, int32_t zero_point, int16_t* out) { centre(x, count, zero_point, out); }

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

namespace {

template <int kPixels, int kVectors>
TULLE_INLINE void float_depthwise_at(const FloatDepthwiseTile& tile, int32_t pixel, int32_t c) {
  const float* x = tile.x + pixel * tile.step + c;
  F32 sums[kPixels][kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const F32 bias = load<F32>(tile.bias + c + v * kLanes);
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) sums[p][v] = bias;
  }
  for (int32_t t = 0; t < tile.terms; ++t) {
    const float* weights = tile.weights + tile.places[t] + c;
    const float* from = x + tile.offsets[t];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const F32 w = load<F32>(weights + v * kLanes);
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) sums[p][v] = fma(load<F32>(from + p * tile.step + v * kLanes), w, sums[p][v]);
    }
  }
  const F32 low = fill(tile.low), high = fill(tile.high);
#pragma GCC unroll 4
  for (int p = 0; p < kPixels; ++p)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v)
      store(tile.y + int64_t{pixel + p} * tile.channels + c + v * kLanes, min(max(sums[p][v], low), high));
}

/// Fewer channels than lanes.
void float_depthwise_narrow(const FloatDepthwiseTile& tile) {
  const F32 low = fill(tile.low), high = fill(tile.high);
  for (int32_t p = 0; p < tile.pixels; ++p) {
    F32 sum = load_part<F32>(tile.bias, tile.channels);
    for (int32_t t = 0; t < tile.terms; ++t)
      sum = fma(load_part<F32>(tile.x + p * tile.step + tile.offsets[t], tile.channels),
                load_part<F32>(tile.weights + tile.places[t], tile.channels), sum);
    store_part(tile.y + int64_t{p} * tile.channels, min(max(sum, low), high), tile.channels);
  }
}

template <int kPixels>
TULLE_INLINE void float_depthwise_pixels(const FloatDepthwiseTile& tile, int32_t pixel) {
  int32_t c = 0;
  for (; c + 2 * kLanes <= tile.channels; c += 2 * kLanes) float_depthwise_at<kPixels, 2>(tile, pixel, c);
  if (c + kLanes <= tile.channels) {
    float_depthwise_at<kPixels, 1>(tile, pixel, c);
    c += kLanes;
  }
  // The last channels once more with what they lack of a vector.
  if (c < tile.channels) float_depthwise_at<kPixels, 1>(tile, pixel, tile.channels - kLanes);
}

}  // namespace

void float_depthwise(const FloatDepthwiseTile& tile) {
  if (tile.channels < kLanes) return float_depthwise_narrow(tile);
  int32_t p = 0;
  for (; p + 4 <= tile.pixels; p += 4) float_depthwise_pixels<4>(tile, p);
  for (; p < tile.pixels; ++p) float_depthwise_pixels<1>(tile, p);
}

}  // namespace tulle::kernels::TULLE_ISA
