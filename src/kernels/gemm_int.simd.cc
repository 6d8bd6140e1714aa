// Sums of products of 8-bit activations and weights: tiles of rows by vectors, accumulators in registers.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

template <int kRows, int kVectors, I32 (*kDot)(I32, I32, I32)>
TULLE_INLINE void add_groups(const IntTile& tile, int32_t first, int32_t last, I32 (&sums)[kRows][kVectors]) {
  const uint8_t* rows[kRows];
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m) rows[m] = tile.rows[m];
  const int8_t* weights = tile.weights + int64_t{first} * kVectors * kBytes;
  for (int32_t g = first; g < last; ++g, weights += kVectors * kBytes) {
    const int64_t k = tile.order[g];
    I32 w[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) w[v] = load<I32>(weights + v * kBytes);
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m) {
      const I32 x = splat32(rows[m] + k);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[m][v] = kDot(sums[m][v], x, w[v]);
    }
  }
}

template <int kRows, int kVectors>
void int_tile(const IntTile& tile) {
  I32 sums[kRows][kVectors];
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[m][v] = I32{};
  add_groups<kRows, kVectors, dot_quads>(tile, 0, tile.groups - tile.wide, sums);
  if (kShortSums && tile.wide > 0)
    add_groups<kRows, kVectors, dot_quads_wide>(tile, tile.groups - tile.wide, tile.groups, sums);
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) store(tile.sums + (m * kVectors + v) * kLanes, sums[m][v]);
}

#define TULLE_TILE(rows, vectors) int_tile<rows, vectors>,
}  // namespace

const bool short_sums = kShortSums;
void (*const int_tiles[])(const IntTile&) = {TULLE_INT_TILES(TULLE_TILE)};

bool wide(const int8_t* weights, int64_t bytes) {
  const I16 zero = {}, one = fill16(1);
  I32 beyond = {};
  for (int64_t i = 0; i < bytes; i += kBytes / 2) {
    const I16 w = widen(weights + i);
    beyond |= (dot_pairs(I32{}, max(w, zero), one) > 128) | (dot_pairs(I32{}, min(w, zero), one) < -128);
  }
  for (int lane = 0; lane < kLanes; ++lane)
    if (beyond[lane] != 0) return true;
  return false;
}

void flip(const uint8_t* x, int64_t count, uint8_t* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = x[i] ^ 0x80;
}

int32_t total(const uint8_t* x, int64_t count) {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}

}  // namespace tulle::kernels::TULLE_ISA
