// Depthwise sums of floats, with bias and bounds: runs of pixels side by side, a vector of channels at a time.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

#if defined(__wasm_simd128__)
// Engines put what is hoisted out of unrolled rows into memory.
constexpr int kMany = 3, kFew = 1;
constexpr bool kUnrolls = false;
#else
constexpr int kMany = 6, kFew = 3;  ///< pixels side by side
constexpr bool kUnrolls = true;
#endif

TULLE_INLINE int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

/// kPixels that lie kStride columns apart, one vector of channels from c on. kHeight rows and kWidth columns of taps;
/// 0: as many as the tile says, and for columns pixels as far apart.
template <int kPixels, int kHeight, int kWidth, int kStride>
TULLE_INLINE void float_window(const FloatDepthwiseTile& tile, int32_t p, int32_t c) {
  constexpr int kColumns = (kPixels - 1) * kStride + kWidth;
  const float* x = tile.x + p * tile.step + c;
  const float* weights = tile.weights + c;
  const int64_t right = tile.column_step, channels = tile.channels, step = tile.step;
  const F32 bias = load<F32>(tile.bias + c);
  F32 sums[kPixels];
#pragma GCC unroll 8
  for (int m = 0; m < kPixels; ++m) sums[m] = bias;
  const int32_t rows = kHeight > 0 ? kHeight : tile.taps_h;
#pragma GCC unroll 5
  for (int32_t row = 0; row < rows; ++row, x += tile.row_step, weights += tile.weight_row_step) {
    if constexpr (kWidth > 0) {
      F32 w[kWidth];
#pragma GCC unroll 8
      for (int j = 0; j < kWidth; ++j) w[j] = load<F32>(weights + j * channels);
#pragma GCC unroll 16
      for (int column = 0; column < kColumns; ++column) {
        const F32 at = load<F32>(x + column * right);
#pragma GCC unroll 8
        for (int m = 0; m < kPixels; ++m) {
          const int j = column - m * kStride;
          if (j >= 0 && j < kWidth) sums[m] = fma(at, w[j], sums[m]);
        }
      }
    } else {
      for (int32_t j = 0; j < tile.taps_w; ++j) {
        const F32 w = load<F32>(weights + j * channels);
#pragma GCC unroll 8
        for (int m = 0; m < kPixels; ++m) sums[m] = fma(load<F32>(x + m * step + j * right), w, sums[m]);
      }
    }
  }
  const F32 low = fill(tile.low), high = fill(tile.high);
  float* y = tile.y + int64_t{p} * channels + c;
#pragma GCC unroll 8
  for (int m = 0; m < kPixels; ++m) store(y + m * channels, min(max(sums[m], low), high));
}

/// Fewer channels than lanes.
void float_narrow(const FloatDepthwiseTile& tile) {
  const F32 low = fill(tile.low), high = fill(tile.high);
  for (int32_t p = 0; p < tile.pixels; ++p) {
    F32 sum = load_part<F32>(tile.bias, tile.channels);
    for (int32_t i = 0; i < tile.taps_h; ++i)
      for (int32_t j = 0; j < tile.taps_w; ++j)
        sum = fma(load_part<F32>(tile.x + p * tile.step + i * tile.row_step + j * tile.column_step, tile.channels),
                  load_part<F32>(tile.weights + i * tile.weight_row_step + int64_t{j} * tile.channels, tile.channels),
                  sum);
    store_part(tile.y + int64_t{p} * tile.channels, min(max(sum, low), high), tile.channels);
  }
}

template <int kPixels, int kHeight, int kWidth, int kStride>
TULLE_INLINE void float_channels(const FloatDepthwiseTile& tile, int32_t p) {
  // The last channels once more with what they lack of a vector; pixels likewise below.
  for (int32_t c = 0; c < tile.channels; c += kLanes)
    float_window<kPixels, kHeight, kWidth, kStride>(tile, p, least(c, tile.channels - kLanes));
}

template <int kPixels, int kWidth, int kStride>
void float_pixels(const FloatDepthwiseTile& tile, int32_t p) {
  if (kUnrolls && kPixels > 1 && kWidth > 0 && tile.taps_h == kWidth)
    return float_channels<kPixels, kWidth, kWidth, kStride>(tile, p);
  float_channels<kPixels, 0, kWidth, kStride>(tile, p);
}

template <int kWidth, int kStride>
void float_windows(const FloatDepthwiseTile& tile) {
  const int32_t pixels = tile.pixels;
  int32_t p = 0;
  constexpr int kRun = kWidth > 0 ? kMany : 6;  // windows that are not unrolled need no more than sums
  if (pixels >= kRun)
    for (; pixels - p > kFew; p += kRun) float_pixels<kRun, kWidth, kStride>(tile, least(p, pixels - kRun));
  if (pixels >= kFew)
    for (; p < pixels; p += kFew) float_pixels<kFew, kWidth, kStride>(tile, least(p, pixels - kFew));
  for (; p < pixels; ++p) float_pixels<1, kWidth, kStride>(tile, p);
}

}  // namespace

void float_depthwise(const FloatDepthwiseTile& tile) {
  if (tile.channels < kLanes) return float_narrow(tile);
  const bool one = tile.step == tile.column_step, two = tile.step == 2 * tile.column_step;
  if (tile.taps_w == 3 && one) return float_windows<3, 1>(tile);
  if (tile.taps_w == 3 && two) return float_windows<3, 2>(tile);
  if (tile.taps_w == 5 && one) return float_windows<5, 1>(tile);
  if (tile.taps_w == 5 && two) return float_windows<5, 2>(tile);
  float_windows<0, 1>(tile);
}

}  // namespace tulle::kernels::TULLE_ISA
