// Sums of products of 8-bit weights: tiles of rows by vectors, accumulators in registers.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

#if TULLE_QUADS
constexpr int kGroup = 4;
using Weights = I32;
TULLE_INLINE Weights load_weights(const int8_t* from) { return load<I32>(from); }
TULLE_INLINE I32 dot(I32 acc, I32 x, Weights w) { return dot_quads(acc, x, w); }
#else
constexpr int kGroup = 2;
using Weights = I16;
TULLE_INLINE Weights load_weights(const int8_t* from) { return widen(from); }
TULLE_INLINE I32 dot(I32 acc, I32 x, Weights w) { return dot_pairs(acc, (I16)x, w); }
#endif

template <int kRows, int kVectors>
void int_tile(const IntTile& tile) {
  I32 sums[kRows][kVectors];
  for (int m = 0; m < kRows; ++m)
    for (int v = 0; v < kVectors; ++v) sums[m][v] = I32{};
  const int8_t* weights = tile.weights;
  for (int32_t term = 0; term < tile.terms; ++term) {
    const uint8_t* rows[kRows];
    for (int m = 0; m < kRows; ++m) rows[m] = tile.rows[m] + tile.offsets[term];
    for (int64_t k = 0; k < int64_t{4} * tile.groups; k += 4) {  // a group is four bytes in either form
      Weights w[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) w[v] = load_weights(weights + v * kLanes * kGroup);
      weights += kVectors * kLanes * kGroup;
#pragma GCC unroll 16
      for (int m = 0; m < kRows; ++m) {
        const I32 x = splat32(rows[m] + k);
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

#if TULLE_QUADS
template <class T>
TULLE_INLINE void expand(const T* x, int64_t count, int32_t, uint8_t* out) {
  const uint8_t flip = static_cast<T>(-1) < 0 ? 0x80 : 0;
  for (int64_t i = 0; i < count; ++i) out[i] = static_cast<uint8_t>(x[i]) ^ flip;
}
int32_t total(const uint8_t* expanded, int64_t count) {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += expanded[i];
  return sum;
}
#else
template <class T>
TULLE_INLINE void expand(const T* x, int64_t count, int32_t zero_point, uint8_t* out) {
  constexpr int kStep = kBytes / 2;
  const I16 zero = fill16(static_cast<int16_t>(zero_point));
  int64_t i = 0;
  for (; i + kStep <= count; i += kStep) store(out + 2 * i, widen(x + i) - zero);
  for (; i < count; ++i) {
    const auto centred = static_cast<int16_t>(x[i] - zero_point);
    memcpy(out + 2 * i, &centred, 2);
  }
}
int32_t total(const uint8_t* expanded, int64_t count) {
  constexpr int kStep = kBytes / 2;
  I32 sums = {};
  int64_t i = 0;
  for (; i + kStep <= count; i += kStep) sums = dot_pairs(sums, load<I16>(expanded + 2 * i), fill16(1));
  int32_t sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += sums[lane];
  for (; i < count; ++i) {
    int16_t x;
    memcpy(&x, expanded + 2 * i, 2);
    sum += x;
  }
  return sum;
}
#endif

#define TULLE_TILE(rows, vectors) int_tile<rows, vectors>,
}  // namespace

void (*const int_tiles[])(const IntTile&) = {TULLE_TILES(TULLE_TILE)};
const int32_t int_group = kGroup;

void expand_i8(const int8_t* x, int64_t count, int32_t zero_point, uint8_t* out) { expand(x, count, zero_point, out); }
void expand_u8(const uint8_t* x, int64_t count, int32_t zero_point, uint8_t* out) { expand(x, count, zero_point, out); }
int32_t total_of(const uint8_t* expanded, int64_t count) { return total(expanded, count); }

}  // namespace tulle::kernels::TULLE_ISA
