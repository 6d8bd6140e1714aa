// Depthwise sums by quads: the four rows of a column of taps in one product of bytes.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {

#if TULLE_QUADS
namespace {

constexpr int kVectors = 4;  // of sums, for as many channels as a vector has bytes
#if defined(__AVX512BW__) || defined(TULLE_NEON)
constexpr int kPixels = 4;  // side by side: their sums leave registers for one column
#else
constexpr int kPixels = 2;
#endif
constexpr int kQuadBytes = kVectors * kBytes;  // of weights
constexpr int kRows = 4;

/// Bytes in an order from which `quads_of` makes quads of channels in order.
TULLE_INLINE I8 laid_out(I8 x) {
#if defined(__AVX512BW__)
  return (I8)_mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
                                      (__m512i)x);
#elif defined(__AVX2__)
  return (I8)_mm256_permutevar8x32_epi32((__m256i)x, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
#else
  return x;
#endif
}

TULLE_INLINE Two<I16> interleave_bytes(I8 a, I8 b) {
#if defined(__AVX512BW__)
  return {(I16)_mm512_unpacklo_epi8((__m512i)a, (__m512i)b), (I16)_mm512_unpackhi_epi8((__m512i)a, (__m512i)b)};
#elif defined(__AVX2__)
  return {(I16)_mm256_unpacklo_epi8((__m256i)a, (__m256i)b), (I16)_mm256_unpackhi_epi8((__m256i)a, (__m256i)b)};
#elif defined(__wasm_simd128__)
  return {(I16)wasm_i8x16_shuffle((v128_t)a, (v128_t)b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
          (I16)wasm_i8x16_shuffle((v128_t)a, (v128_t)b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)};
#else
  return {(I16)vzip1q_s8((int8x16_t)a, (int8x16_t)b), (I16)vzip2q_s8((int8x16_t)a, (int8x16_t)b)};
#endif
}

struct Quads {
  I32 of[kVectors];
};

/// [a b c d] of every channel.
TULLE_INLINE Quads quads_of(I8 a, I8 b, I8 c, I8 d) {
  const Two<I16> ab = interleave_bytes(a, b), cd = interleave_bytes(c, d);
  const Two<I16> low = interleave(ab.first, cd.first), high = interleave(ab.second, cd.second);
  return {(I32)low.first, (I32)low.second, (I32)high.first, (I32)high.second};
}

/// kCount pixels that lie kStride columns apart, of windows of kHeight rows and kWidth columns; 0: as the tile says.
template <int kCount, int kHeight, int kWidth, int kStride>
void quad_window(const DepthwiseTile& tile, int32_t p, const Quads& start) {
  const int32_t height = kHeight > 0 ? kHeight : tile.taps_h, width = kWidth > 0 ? kWidth : tile.taps_w;
  const auto* x = static_cast<const int8_t*>(tile.x) + p * tile.step;
  const auto* weights = static_cast<const int8_t*>(tile.weights);
  Quads sums[kCount];
#pragma GCC unroll 4
  for (int m = 0; m < kCount; ++m) sums[m] = start;
#pragma GCC unroll 2
  for (int32_t row = 0; row < height; row += kRows, x += kRows * tile.row_step, weights += width * kQuadBytes) {
    // Rows that are missing have weights of 0: any bytes will do.
    const int32_t below = height - row - 1;
    const int8_t *second = x + (below < 1 ? 0 : tile.row_step), *third = second + (below < 2 ? 0 : tile.row_step),
                 *fourth = third + (below < 3 ? 0 : tile.row_step);
    const auto column = [&](int32_t c) __attribute__((always_inline)) {
      const int64_t at = c * tile.column_step;
      const Quads quads =
          quads_of(load<I8>(x + at), load<I8>(second + at), load<I8>(third + at), load<I8>(fourth + at));
#pragma GCC unroll 4
      for (int m = 0; m < kCount; ++m)
        if (const int32_t j = c - m * kStride; j >= 0 && j < width)
#pragma GCC unroll 4
          for (int v = 0; v < kVectors; ++v)
            sums[m].of[v] = dot_quads(sums[m].of[v], quads.of[v], load<I32>(weights + j * kQuadBytes + v * kBytes));
    };
    if constexpr (kWidth > 0) {
#pragma GCC unroll 16
      for (int c = 0; c < (kCount - 1) * kStride + kWidth; ++c) column(c);
    } else {
      for (int32_t c = 0; c < width; ++c) column(c);
    }
  }
#pragma GCC unroll 4
  for (int m = 0; m < kCount; ++m)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) store(tile.sums + (p + m) * kBytes + v * kLanes, sums[m].of[v]);
}

template <int kHeight, int kWidth, int kStride>
void quad_windows(const DepthwiseTile& tile, const Quads& start) {
  const int32_t pixels = tile.pixels;
  int32_t p = 0;
  // Many that are left over are cheaper together with some that are done.
  if (kWidth > 0 && pixels >= kPixels)
    for (; pixels - p > kPixels / 2; p += kPixels)
      quad_window<kPixels, kHeight, kWidth, kStride>(tile, p < pixels - kPixels ? p : pixels - kPixels, start);
  for (; p < pixels; ++p) quad_window<1, 0, 0, 1>(tile, p, start);
}

void quads(const DepthwiseTile& tile) {
  const int32_t count = (tile.taps_h + kRows - 1) / kRows * tile.taps_w;
  const auto* sums = static_cast<const int8_t*>(tile.weights) + count * kQuadBytes;
  Quads start;
  for (int v = 0; v < kVectors; ++v) start.of[v] = load<I32>(sums + v * kBytes) * -tile.zero;
  const bool one = tile.step == tile.column_step, two = tile.step == 2 * tile.column_step;
  if (tile.taps_h == 3 && tile.taps_w == 3) {
    if (one) return quad_windows<3, 3, 1>(tile, start);
    if (two) return quad_windows<3, 3, 2>(tile, start);
  }
  if (tile.taps_h == 5 && tile.taps_w == 5) {
    if (one) return quad_windows<5, 5, 1>(tile, start);
    if (two) return quad_windows<5, 5, 2>(tile, start);
  }
  quad_windows<0, 0, 1>(tile, start);
}

}  // namespace

const DepthwiseForm depthwise_quads = {.channels = kBytes, .run = quads};

void spread(const uint8_t* x, int64_t pixels, int32_t channels, uint8_t flip, uint8_t* out) {
  const I8 flips = I8{} + static_cast<int8_t>(flip);
  for (int64_t p = 0; p < pixels; ++p, x += channels)
    for (int32_t c = 0; c < channels; c += kBytes, out += kBytes) {
      const int32_t left = channels - c;
      store(out, laid_out((left < kBytes ? load_part<I8>(x + c, left) : load<I8>(x + c)) ^ flips));
    }
}

#else

const DepthwiseForm depthwise_quads = {};
void spread(const uint8_t*, int64_t, int32_t, uint8_t, uint8_t*) {}

#endif

}  // namespace tulle::kernels::TULLE_ISA
