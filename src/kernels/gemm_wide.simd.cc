// 64-bit sums of products of int16 activations and 8-bit weights: in 32 bits for as long as those cannot overflow.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

/// Pairs whose products, of at most 2^22 each, fit 32 bits together.
constexpr int32_t kMost = 255;

template <int kRows, int kVectors>
TULLE_INLINE void one_wide_tile(const WideTile& tile, const uint8_t* const* pixels, int64_t* finished) {
  constexpr int kWidth = kVectors * kLanes;
  I32 sums[kRows][kVectors];
  const auto clear = [&] {
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m)
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[m][v] = I32{};
  };
  const auto add = [&] {
    for (int m = 0; m < kRows; ++m) {
      int32_t lanes[kWidth];
      memcpy(lanes, sums[m], sizeof lanes);
      int64_t* to = finished + m * kWidth;
      for (int n = 0; n < kWidth; ++n) to[n] += lanes[n];
    }
  };
  memset(finished, 0, kRows * kWidth * sizeof(int64_t));
  clear();
  const int8_t* weights = tile.weights;
  int32_t room = kMost;
  for (int32_t term = 0; term < tile.terms; ++term) {
    const uint8_t* rows[kRows];
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m) rows[m] = pixels[m] + tile.offsets[term];
    for (int64_t g = 0; g < tile.groups;) {
      const int64_t last = tile.groups - g < room ? tile.groups : g + room;
      room -= static_cast<int32_t>(last - g);
      for (; g < last; ++g, weights += 2 * kWidth) {
        I16 w[kVectors];
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) w[v] = widen(weights + v * kLanes * 2);
#pragma GCC unroll 16
        for (int m = 0; m < kRows; ++m) {
          const I16 x = (I16)splat32(rows[m] + 4 * g);
#pragma GCC unroll 4
          for (int v = 0; v < kVectors; ++v) sums[m][v] = dot_pairs(sums[m][v], x, w[v]);
        }
      }
      if (room > 0) continue;
      add();
      clear();
      room = kMost;
    }
  }
  add();
}

template <int kRows, int kVectors>
void wide_tile(const WideTile& tile) {
  for (int32_t t = 0; t < tile.tiles; ++t)
    one_wide_tile<kRows, kVectors>(tile, tile.rows + t * kRows, tile.sums + t * kRows * kVectors * kLanes);
}

#define TULLE_TILE(rows, vectors) wide_tile<rows, vectors>,

}  // namespace

void (*const wide_tiles[])(const WideTile&) = {TULLE_INT_TILES(TULLE_TILE)};

}  // namespace tulle::kernels::TULLE_ISA
