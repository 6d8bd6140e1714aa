// Sums of products of activations and 8-bit weights: tiles of rows by vectors, accumulators in registers.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

constexpr int kGroup = TULLE_QUADS ? 4 : 2;

/// The activations of a group, for products with the weights of every channel.
#if defined(TULLE_NEON)
typedef int8x8_t Group;  // products take them from one lane, so they need not be in all
TULLE_INLINE Group group_at(const uint8_t* from) {
  uint32_t x;
  memcpy(&x, from, sizeof x);
  return vcreate_s8(x);
}
#else
typedef I32 Group;
TULLE_INLINE Group group_at(const uint8_t* from) { return splat32(from); }
#endif

/// The weights of a group, for kVectors vectors of channels.
template <int kVectors>
struct Weights {
#if defined(TULLE_NEON) && !TULLE_QUADS
  // The first and the second terms of pairs apart, each for two vectors of channels.
  static constexpr int kRegisters = (kVectors + 1) / 2;
  I16 first[kRegisters], second[kRegisters];
  TULLE_INLINE Weights at(const int8_t* from) {
    Weights w;
#pragma GCC unroll 4
    for (int i = 0; i < kRegisters; ++i, from += kBytes) {
      const I16 pairs = 2 * i + 1 < kVectors ? load<I16>(from) : (I16)vcombine_s8(vld1_s8(from), vcreate_s8(0));
      w.first[i] = pairs << 8 >> 8;
      w.second[i] = pairs >> 8;
    }
    return w;
  }
  TULLE_INLINE Weights at(const int16_t* from) {
    Weights w;
#pragma GCC unroll 4
    for (int i = 0; i < kRegisters; ++i, from += kBytes) {
      if (2 * i + 1 < kVectors) {
        const int16x8x2_t pairs = vld2q_s16(from);
        w.first[i] = (I16)pairs.val[0];
        w.second[i] = (I16)pairs.val[1];
      } else {
        const int16x4x2_t pairs = vld2_s16(from);
        w.first[i] = (I16)vcombine_s16(pairs.val[0], vcreate_s16(0));
        w.second[i] = (I16)vcombine_s16(pairs.val[1], vcreate_s16(0));
      }
    }
    return w;
  }
  TULLE_INLINE I32 add(I32 sum, Group group, const Weights& w, int v) {
    const int16x8_t first = (int16x8_t)w.first[v / 2], second = (int16x8_t)w.second[v / 2];
    const int16x4_t x = (int16x4_t)group;
    const int32x4_t acc = (int32x4_t)sum;
    return v % 2 == 0 ? (I32)vmlal_lane_s16(vmlal_lane_s16(acc, vget_low_s16(first), x, 0), vget_low_s16(second), x, 1)
                      : (I32)vmlal_high_lane_s16(vmlal_high_lane_s16(acc, first, x, 0), second, x, 1);
  }
#else
  I32 of[kVectors];
  TULLE_INLINE Weights at(const int8_t* from) {
    Weights w;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v, from += kLanes * kGroup)
      w.of[v] = TULLE_QUADS ? load<I32>(from) : (I32)widen(from);
    return w;
  }
  TULLE_INLINE Weights at(const int16_t* from) {
    Weights w;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v, from += 2 * kLanes) w.of[v] = load<I32>(from);
    return w;
  }
  TULLE_INLINE I32 add(I32 sum, Group x, const Weights& w, int v) {
#if !TULLE_QUADS
    return dot_pairs(sum, (I16)x, (I16)w.of[v]);
#elif defined(TULLE_NEON)
    return (I32)vdotq_lane_s32((int32x4_t)sum, (int8x16_t)w.of[v], x, 0);
#else
    return dot_quads(sum, x, w.of[v]);
#endif
  }
#endif
};

template <int kRows, int kVectors>
TULLE_INLINE void one_int_tile(const IntTile& tile, const uint8_t* const* pixels, int32_t* to) {
  I32 sums[kRows][kVectors];
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[m][v] = I32{};
  const int8_t* weights = tile.weights;
  for (int32_t term = 0; term < tile.terms; ++term) {
    const uint8_t* rows[kRows];
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m) rows[m] = pixels[m] + tile.offsets[term];
    for (int64_t g = 0; g < tile.groups; ++g, weights += kVectors * kLanes * kGroup) {
      const auto w = Weights<kVectors>::at(weights);
#pragma GCC unroll 16
      for (int m = 0; m < kRows; ++m) {
        const Group x = group_at(rows[m] + 4 * g);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sums[m][v] = Weights<kVectors>::add(sums[m][v], x, w, v);
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) store(to + (m * kVectors + v) * kLanes, sums[m][v]);
}

template <int kRows, int kVectors>
void int_tile(const IntTile& tile) {
  for (int32_t t = 0; t < tile.tiles; ++t)
    one_int_tile<kRows, kVectors>(tile, tile.rows + t * kRows, tile.sums + t * kRows * kVectors * kLanes);
}

#define TULLE_TILE(rows, vectors) int_tile<rows, vectors>,

#if !TULLE_QUADS
template <int kRows, int kVectors>
void square_tile(const SquareTile& tile) {
  I32 sums[kRows][kVectors];
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[m][v] = I32{};
  const int16_t *x = tile.x, *weights = tile.weights;
  const int64_t step = tile.x_step;
  for (int32_t pair = 0; pair < tile.pairs; ++pair, x += 2, weights += 2 * kVectors * kLanes) {
    const auto w = Weights<kVectors>::at(weights);
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m) {
      const Group group = group_at(reinterpret_cast<const uint8_t*>(x + m * step));
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[m][v] = Weights<kVectors>::add(sums[m][v], group, w, v);
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) store(tile.sums + m * tile.sums_step + v * kLanes, sums[m][v]);
}

#define TULLE_SQUARE_TILE(rows, vectors) square_tile<rows, vectors>,
#endif

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
#if !TULLE_QUADS
void (*const square_tiles[])(const SquareTile&) = {TULLE_INT_TILES(TULLE_SQUARE_TILE)};
#endif

void flip(const uint8_t* x, int64_t count, uint8_t* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = x[i] ^ 0x80;
}

#if !TULLE_QUADS
const Activations activations = Activations::kPairs;
int32_t total(const uint8_t* x, int64_t count) { return sum_of<int16_t>(x, count); }
#elif defined(TULLE_NEON) || defined(TULLE_SIGNED_DOT)
const Activations activations = Activations::kSignedQuads;
int32_t total(const uint8_t* x, int64_t count) { return sum_of<int8_t>(x, count); }
#else
const Activations activations = Activations::kUnsignedQuads;
int32_t total(const uint8_t* x, int64_t count) { return sum_of<uint8_t>(x, count); }
#endif

}  // namespace tulle::kernels::TULLE_ISA
