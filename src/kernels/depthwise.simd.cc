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
// its neighbours, the last of an odd number with a 0. So pixels side by side share what is interleaved.

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

/// Any window, one pixel.
void any_window(const DepthwiseTile& tile, int32_t p) {
  const auto* x = static_cast<const int16_t*>(tile.x) + p * tile.step;
  const auto* weights = static_cast<const int16_t*>(tile.weights);
  I32 sums[2] = {};
  const auto add = [&](const int16_t* a, const int16_t* b) {
    add_pair(sums, pair_of(load<I16>(a), load<I16>(b)), weights);
    weights += 2 * kBlock;
  };
  int32_t row = 0;
  for (; row + 2 <= tile.taps_h; row += 2, x += 2 * tile.row_step)
    for (int32_t j = 0; j < tile.taps_w; ++j) add(x + j * tile.column_step, x + tile.row_step + j * tile.column_step);
  if (row < tile.taps_h)
    for (int32_t j = 0; j < tile.taps_w; j += 2)
      add(x + j * tile.column_step, x + (j + 1 < tile.taps_w ? j + 1 : j) * tile.column_step);
  store_sums(tile.sums + p * kBlock, sums);
}

/// Whether some of kPixels has an even tap of its window in a column.
template <int kPixels, int kWidth, int kStride>
constexpr bool begins_pair(int column) {
  for (int m = 0; m < kPixels; ++m) {
    const int j = column - m * kStride;
    if (j >= 0 && j < kWidth && j % 2 == 0) return true;
  }
  return false;
}

/// kPixels that lie kStride columns apart, of windows of kHeight rows and kWidth columns.
template <int kPixels, int kHeight, int kWidth, int kStride>
void window(const DepthwiseTile& tile, int32_t p) {
  constexpr int kColumns = (kPixels - 1) * kStride + kWidth;
  const auto* x = static_cast<const int16_t*>(tile.x) + p * tile.step;
  const int64_t right = tile.column_step, down = tile.row_step;
  const auto* weights = static_cast<const int16_t*>(tile.weights);
  I32 sums[kPixels][2] = {};
#pragma GCC unroll 4
  for (int row = 0; row + 2 <= kHeight; row += 2, x += 2 * down, weights += kWidth * 2 * kBlock) {
#pragma GCC unroll 16
    for (int c = 0; c < kColumns; ++c) {
      const Two<I16> pair = pair_of(load<I16>(x + c * right), load<I16>(x + down + c * right));
#pragma GCC unroll 4
      for (int m = 0; m < kPixels; ++m) {
        const int j = c - m * kStride;
        if (j >= 0 && j < kWidth) add_pair(sums[m], pair, weights + j * 2 * kBlock);
      }
    }
  }
  if constexpr (kHeight % 2 == 1) {
#pragma GCC unroll 16
    for (int c = 0; c < kColumns; ++c) {
      if (!begins_pair<kPixels, kWidth, kStride>(c)) continue;
      const Two<I16> pair = pair_of(load<I16>(x + c * right), load<I16>(x + (c + 1 < kColumns ? c + 1 : c) * right));
#pragma GCC unroll 4
      for (int m = 0; m < kPixels; ++m) {
        const int j = c - m * kStride;
        if (j >= 0 && j < kWidth && j % 2 == 0) add_pair(sums[m], pair, weights + j * kBlock);
      }
    }
  }
#pragma GCC unroll 4
  for (int m = 0; m < kPixels; ++m) store_sums(tile.sums + (p + m) * kBlock, sums[m]);
}

template <int kHeight, int kWidth, int kStride>
void windows(const DepthwiseTile& tile) {
  constexpr int kPixels = 4;
  int32_t p = 0;
  for (; p + kPixels <= tile.pixels; p += kPixels) window<kPixels, kHeight, kWidth, kStride>(tile, p);
  for (; p < tile.pixels; ++p) window<1, kHeight, kWidth, 1>(tile, p);
}

void pairs(const DepthwiseTile& tile) {
  const bool one = tile.step == tile.column_step, two = tile.step == 2 * tile.column_step;
  if (tile.taps_h == 3 && tile.taps_w == 3) {
    if (one) return windows<3, 3, 1>(tile);
    if (two) return windows<3, 3, 2>(tile);
  }
  if (tile.taps_h == 5 && tile.taps_w == 5) {
    if (one) return windows<5, 5, 1>(tile);
    if (two) return windows<5, 5, 2>(tile);
  }
  for (int32_t p = 0; p < tile.pixels; ++p) any_window(tile, p);
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
    for (int32_t j = 0; j < taps_w; j += 2) put(at(row, j), j + 1 < taps_w ? at(row, j + 1) : I16{});
}

void centre_i8(const int8_t* x, int64_t count, int32_t zero_point, int16_t* out) { centre(x, count, zero_point, out); }
void centre_u8(const uint8_t* x, int64_t count, int32_t zero_point, int16_t* out) { centre(x, count, zero_point, out); }

}  // namespace tulle::kernels::TULLE_ISA
