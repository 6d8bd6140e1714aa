// Sums of products of floats, with bias and bounds. Each output is one chain of fused steps in the order of its terms,
// so the result depends neither on the tile an output falls into nor on the number of threads.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

template <int kRows, int kVectors>
TULLE_INLINE void one_float_tile(const FloatTile& tile, const float* const* pixels, float* y) {
  F32 sums[kRows][kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const F32 bias = load<F32>(tile.bias + v * kLanes);
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m) sums[m][v] = bias;
  }
  const float* weights = tile.weights;
  for (int32_t term = 0; term < tile.terms; ++term) {
    const float* rows[kRows];
    for (int m = 0; m < kRows; ++m) rows[m] = pixels[m] + tile.offsets[term];
    for (int64_t k = 0; k < tile.depth; ++k) {
      F32 w[kVectors];
      // Panels that come from afar arrive in time; a single row waits for memory in any case.
      if constexpr (kRows > 1) __builtin_prefetch(weights + 16 * kVectors * kLanes);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) w[v] = load<F32>(weights + v * kLanes);
      weights += kVectors * kLanes;
#pragma GCC unroll 16
      for (int m = 0; m < kRows; ++m) {
        const float x = rows[m][k];
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sums[m][v] = fma(x, w[v], sums[m][v]);
      }
    }
  }
  const F32 low = fill(tile.low), high = fill(tile.high);
  if (tile.channels == kVectors * kLanes) {
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m, y += tile.stride)
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) store(y + v * kLanes, min(max(sums[m][v], low), high));
    return;
  }
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m, y += tile.stride)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const F32 bounded = min(max(sums[m][v], low), high);
      if (const int left = tile.channels - v * kLanes; left >= kLanes)
        store(y + v * kLanes, bounded);
      else
        store_part(y + v * kLanes, bounded, left);
    }
}

template <int kRows, int kVectors>
void float_tile(const FloatTile& tile) {
  for (int32_t t = 0; t < tile.tiles; ++t)
    one_float_tile<kRows, kVectors>(tile, tile.rows + t * kRows, tile.y + t * kRows * tile.stride);
}

#define TULLE_TILE(rows, vectors) float_tile<rows, vectors>,
}  // namespace

void (*const float_tiles[])(const FloatTile&) = {TULLE_FLOAT_TILES(TULLE_TILE)};

}  // namespace tulle::kernels::TULLE_ISA
