// Depthwise sums: taps in pairs, the channels of two taps interleaved where one multiply-add takes both.
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

// Weights go in pairs of taps of one column, of rows 0 and 1, 2 and 3, and so on; where a row is left over, in pairs of
// its neighbours, the last of an odd number behind a 0. So pixels side by side share what is interleaved.

int64_t pairs_of(int32_t taps_h, int32_t taps_w) {
  return int64_t{taps_h / 2} * taps_w + (taps_h % 2) * int64_t{(taps_w + 1) / 2};
}

/// The values of two taps as add_pair multiplies them.
TULLE_INLINE Two<I16> pair_of(I16 a, I16 b) {
#if defined(TULLE_NEON)
  return {a, b};
#else
  return interleave(a, b);
#endif
}

/// sums[0] and sums[1] plus the products of one pair of taps.
TULLE_INLINE void add_pair(I32 (&sums)[2], const Two<I16>& x, const int16_t* weights) {
#if defined(TULLE_NEON)
  const int16x8_t a = (int16x8_t)x.first, b = (int16x8_t)x.second;
  const int16x8_t by_a = vld1q_s16(weights), by_b = vld1q_s16(weights + kBlock);
  const int32x4_t low = vmlal_s16((int32x4_t)sums[0], vget_low_s16(a), vget_low_s16(by_a));
  sums[0] = (I32)vmlal_s16(low, vget_low_s16(b), vget_low_s16(by_b));
  sums[1] = (I32)vmlal_high_s16(vmlal_high_s16((int32x4_t)sums[1], a, by_a), b, by_b);
#else
  sums[0] = dot_pairs(sums[0], x.first, load<I16>(weights));
  sums[1] = dot_pairs(sums[1], x.second, load<I16>(weights + kBlock));
#endif
}

TULLE_INLINE void store_sums(int32_t* to, const I32 (&sums)[2]) {
  const Two<I32> ordered = in_order(sums[0], sums[1]);
  store(to, ordered.first);
  store(to + kLanes, ordered.second);
}

/// A row of pixels of 3x3 windows kStride columns apart: columns go by, each read once.
template <int kStride>
void rolling(const DepthwiseTile& tile) {
  const auto* x = static_cast<const int16_t*>(tile.x);
  const auto* middle = x + tile.row_step;
  const auto* bottom = middle + tile.row_step;
  const auto* weights = static_cast<const int16_t*>(tile.weights);
  constexpr int kPair = 2 * kBlock;
  const auto upper = [&] __attribute__((always_inline)) { return pair_of(load<I16>(x), load<I16>(middle)); };
  const auto step = [&] __attribute__((always_inline)) {
    x += tile.column_step;
    middle += tile.column_step;
    bottom += tile.column_step;
  };
  I32 now[2] = {}, next[2] = {};
  add_pair(now, upper(), weights);
  I16 left = load<I16>(bottom);
  step();
  int32_t* to = tile.sums;
  if constexpr (kStride == 1) {
    const Two<I16> pair = upper();
    add_pair(next, pair, weights);
    add_pair(now, pair, weights + kPair);
    const I16 right = load<I16>(bottom);
    add_pair(now, pair_of(left, right), weights + 3 * kPair);
    left = right;
    step();
  }
  for (int32_t p = 0; p < tile.pixels; ++p) {
    I32 after[2] = {};
    if constexpr (kStride == 1) {
      const Two<I16> pair = upper();
      add_pair(now, pair, weights + 2 * kPair);
      add_pair(next, pair, weights + kPair);
      add_pair(after, pair, weights);
      const I16 right = load<I16>(bottom);
      const Two<I16> lower = pair_of(left, right);
      add_pair(now, lower, weights + 4 * kPair);
      add_pair(next, lower, weights + 3 * kPair);
      left = right;
    } else {
      add_pair(now, upper(), weights + kPair);
      const I16 centre = load<I16>(bottom);
      add_pair(now, pair_of(left, centre), weights + 3 * kPair);
      step();
      const Two<I16> pair = upper();
      add_pair(now, pair, weights + 2 * kPair);
      add_pair(next, pair, weights);
      left = load<I16>(bottom);
      add_pair(now, pair_of(centre, left), weights + 4 * kPair);
    }
    step();
    store_sums(to, now);
    to += kBlock;
    now[0] = next[0], now[1] = next[1];
    next[0] = after[0], next[1] = after[1];
  }
}

/// Any window, some pixels side by side, pair by pair.
template <int kPixels>
TULLE_INLINE void by_pairs(const DepthwiseTile& tile, int32_t p) {
  const auto* x = static_cast<const int16_t*>(tile.x) + p * tile.step;
  const auto* weights = static_cast<const int16_t*>(tile.weights);
  I32 sums[kPixels][2] = {};
  const auto add = [&](const int16_t* a, const int16_t* b) __attribute__((always_inline)) {
#pragma GCC unroll 4
    for (int m = 0; m < kPixels; ++m, a += tile.step, b += tile.step)
      add_pair(sums[m], pair_of(load<I16>(a), load<I16>(b)), weights);
    weights += 2 * kBlock;
  };
  const auto store_all = [&] __attribute__((always_inline)) {
#pragma GCC unroll 4
    for (int m = 0; m < kPixels; ++m) store_sums(tile.sums + (p + m) * kBlock, sums[m]);
  };
  int32_t row = 0;
#pragma GCC unroll 1
  for (; row + 2 <= tile.taps_h; row += 2, x += 2 * tile.row_step)
#pragma GCC unroll 1
    for (int32_t j = 0; j < tile.taps_w; ++j) add(x + j * tile.column_step, x + tile.row_step + j * tile.column_step);
  if (row == tile.taps_h) return store_all();
#pragma GCC unroll 1
  for (int32_t j = 0; j < tile.taps_w; j += 2, x += 2 * tile.column_step)
    add(x, j + 1 < tile.taps_w ? x + tile.column_step : x);
  store_all();
}

void pairs(const DepthwiseTile& tile) {
  const bool one = tile.step == tile.column_step, two = tile.step == 2 * tile.column_step;
  if (tile.taps_h == 3 && tile.taps_w == 3) {
    if (one) return rolling<1>(tile);
    if (two) return rolling<2>(tile);
  }
  int32_t p = 0;
  for (; p + 4 <= tile.pixels; p += 4) by_pairs<4>(tile, p);
  if (p == tile.pixels) return;
  if (p > 0) return by_pairs<4>(tile, tile.pixels - 4);
  for (; p < tile.pixels; ++p) by_pairs<1>(tile, p);
}

}  // namespace

const DepthwiseForm depthwise_pairs = {.channels = kBlock, .run = pairs};

int64_t pair_bytes(int32_t taps_h, int32_t taps_w) { return pairs_of(taps_h, taps_w) * 2 * kBytes; }

void pack_pairs(const int16_t* w, int64_t stride, int32_t taps_h, int32_t taps_w, int32_t channels, void* out) {
  auto* to = static_cast<int16_t*>(out);
  const auto at = [&](int32_t i, int32_t j) {
    return load_part<I16>(w + (int64_t{i} * taps_w + j) * stride, channels);
  };
  const auto put = [&](I16 a, I16 b) {
    const Two<I16> pair = pair_of(a, b);
    store(to, pair.first);
    store(to + kBlock, pair.second);
    to += 2 * kBlock;
  };
  int32_t row = 0;
  for (; row + 2 <= taps_h; row += 2)
    for (int32_t j = 0; j < taps_w; ++j) put(at(row, j), at(row + 1, j));
  if (row < taps_h)
    for (int32_t j = 0; j < taps_w; j += 2)
      put(j + 1 < taps_w ? at(row, j) : I16{}, at(row, j + 1 < taps_w ? j + 1 : j));
}

void centre_i8(const int8_t* x, int64_t count, int32_t zero_point, int16_t* out) { centre(x, count, zero_point, out); }
void centre_u8(const uint8_t* x, int64_t count, int32_t zero_point, int16_t* out) { centre(x, count, zero_point, out); }

}  // namespace tulle::kernels::TULLE_ISA
