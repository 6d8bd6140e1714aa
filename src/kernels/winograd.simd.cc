// Transforms of squares of four for 3x3 convolutions, at the points 0, 1, -1, 2 and -2.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

constexpr int kSide = 4, kWide = kSide + 2;

/// Inputs along one line.
TULLE_INLINE void spread_line(const F32 (&d)[kWide], F32 (&v)[kWide]) {
  const F32 four = fill(4.0f), five = fill(-5.0f);
  const F32 even = fma(d[2], -four, d[4]), odd = fma(d[1], -four, d[3]);
  const F32 even_2 = d[4] - d[2], odd_2 = (d[3] - d[1]) * 2.0f;
  v[0] = fma(d[0], four, fma(d[2], five, d[4]));
  v[1] = even + odd;
  v[2] = even - odd;
  v[3] = even_2 + odd_2;
  v[4] = even_2 - odd_2;
  v[5] = fma(d[1], four, fma(d[3], five, d[5]));
}

/// Products along one line.
TULLE_INLINE void gather_line(const F32 (&m)[kWide], F32 (&y)[kSide]) {
  const F32 sum = m[1] + m[2], difference = m[1] - m[2], sum_2 = m[3] + m[4], difference_2 = m[3] - m[4];
  y[0] = m[0] + sum + sum_2;
  y[1] = fma(difference_2, fill(2.0f), difference);
  y[2] = fma(sum_2, fill(4.0f), sum);
  y[3] = fma(difference_2, fill(8.0f), difference) + m[5];
}

TULLE_INLINE void input_square(const float* const* pixels, int64_t c, float* out, int64_t step, int count) {
  F32 half[kWide][kWide];
#pragma GCC unroll 6
  for (int j = 0; j < kWide; ++j) {
    F32 column[kWide], spread[kWide];
#pragma GCC unroll 6
    for (int i = 0; i < kWide; ++i)
      column[i] =
          count == kLanes ? load<F32>(pixels[i * kWide + j] + c) : load_part<F32>(pixels[i * kWide + j] + c, count);
    spread_line(column, spread);
#pragma GCC unroll 6
    for (int i = 0; i < kWide; ++i) half[i][j] = spread[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < kWide; ++i) {
    F32 spread[kWide];
    spread_line(half[i], spread);
#pragma GCC unroll 6
    for (int j = 0; j < kWide; ++j) {
      float* to = out + (i * kWide + j) * step + c;
      if (count == kLanes)
        store(to, spread[j]);
      else
        store_part(to, spread[j], count);
    }
  }
}

}  // namespace

void winograd_input(const float* const* pixels, int32_t channels, float* out, int64_t step) {
  int32_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) input_square(pixels, c, out, step, kLanes);
  if (c < channels) input_square(pixels, c, out, step, channels - c);
}

void winograd_output(const WinogradOutput& to) {
  const F32 low = fill(to.low), high = fill(to.high);
  for (int32_t c = 0; c < to.channels; c += kLanes) {
    const F32 bias = load<F32>(to.bias + c);
    F32 half[kSide][kWide];
#pragma GCC unroll 6
    for (int j = 0; j < kWide; ++j) {
      F32 column[kWide], gathered[kSide];
#pragma GCC unroll 6
      for (int i = 0; i < kWide; ++i) column[i] = load<F32>(to.products + (i * kWide + j) * to.step + c);
      gather_line(column, gathered);
#pragma GCC unroll 4
      for (int i = 0; i < kSide; ++i) half[i][j] = gathered[i];
    }
    const int left = to.channels - c;
    for (int i = 0; i < to.rows; ++i) {
      F32 line[kSide];
      gather_line(half[i], line);
      for (int j = 0; j < to.columns; ++j) {
        float* y = to.y + i * to.row_step + j * to.column_step + c;
        const F32 value = min(max(line[j] + bias, low), high);
        if (left >= kLanes)
          store(y, value);
        else
          store_part(y, value, left);
      }
    }
  }
}

}  // namespace tulle::kernels::TULLE_ISA
