// Sums of products of activations and 8-bit weights: tiles of rows by vectors, accumulators in registers.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

#if TULLE_QUADS
constexpr int kGroup = 4;
TULLE_INLINE I32 weights_at(const int8_t* from) { return load<I32>(from); }
TULLE_INLINE I32 dot(I32 acc, I32 x, I32 w) { return dot_quads(acc, x, w); }
#else
constexpr int kGroup = 2;
TULLE_INLINE I32 weights_at(const int8_t* from) { return (I32)widen(from); }
TULLE_INLINE I32 dot(I32 acc, I32 x, I32 w) { return dot_pairs(acc, (I16)x, (I16)w); }
#endif

template <int kRows, int kVectors>
void int_tile(const IntTile& tile) {
  I32 sums[kRows][kVectors];
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[m][v] = I32{};
  const int8_t* weights = tile.weights;
  for (int32_t term = 0; term < tile.terms; ++term) {
    const uint8_t* rows[kRows];
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m) rows[m] = tile.rows[m] + tile.offsets[term];
    for (int64_t g = 0; g < tile.groups; ++g, weights += kVectors * kLanes * kGroup) {
      I32 w[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) w[v] = weights_at(weights + v * kLanes * kGroup);
#pragma GCC unroll 16
      for (int m = 0; m < kRows; ++m) {
        const I32 x = splat32(rows[m] + 4 * g);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sums[m][v] = dot(sums[m][v], x, w[v]);
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) store(tile.sums + (m * kVectors + v) * kLanes, sums[m][v]);
}

#define TULLE_TILE(rows, vectors) int_tile<rows, vectors>,

template <class T>
TULLE_INLINE int32_t sum_of(const uint8_t* x, int64_t count) {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    T value;
    memcpy(&value, x + i * static_cast<int64_t>(sizeof value), sizeof value);
    sum += value;
  }
  return sum;
}

}  // namespace

void (*const int_tiles[])(const IntTile&) = {TULLE_INT_TILES(TULLE_TILE)};

void flip(const uint8_t* x, int64_t count, uint8_t* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = x[i] ^ 0x80;
}

#if !TULLE_QUADS
const Activations activations = Activations::kPairs;
int32_t total(const uint8_t* x, int64_t count) { return sum_of<int16_t>(x, count); }
#elif defined(__x86_64__)
const Activations activations = Activations::kUnsignedQuads;
int32_t total(const uint8_t* x, int64_t count) { return sum_of<uint8_t>(x, count); }
#else
const Activations activations = Activations::kSignedQuads;
int32_t total(const uint8_t* x, int64_t count) { return sum_of<int8_t>(x, count); }
#endif

}  // namespace tulle::kernels::TULLE_ISA
