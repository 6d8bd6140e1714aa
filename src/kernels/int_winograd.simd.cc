// Transforms of squares of four for 3x3 convolutions of codes, at the points 0, 1, -1, 2 and -2, in whole numbers.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {

#if !TULLE_QUADS

namespace {

constexpr int kSide = 4, kWide = kSide + 2, kTaps = 3, kShorts = kBytes / 2;

/// Inputs along one line: at most ten times as large.
TULLE_INLINE void spread_inputs(const I16 (&d)[kWide], I16 (&v)[kWide]) {
  const I16 even = (d[2] << 2) - d[4], odd = (d[1] << 2) - d[3];
  const I16 even_2 = d[4] - d[2], odd_2 = (d[3] - d[1]) << 1;
  v[0] = ((d[0] - d[2]) << 2) + even_2;
  v[1] = even + odd;
  v[2] = even - odd;
  v[3] = even_2 + odd_2;
  v[4] = even_2 - odd_2;
  v[5] = d[5] - d[3] - (odd_2 << 1);
}

/// Taps along one line, times 4, 6, 6, 24, 24 and 1: at most seven times as large.
TULLE_INLINE void spread_taps(const I16 (&w)[kTaps], I16 (&v)[kWide]) {
  const I16 outer = w[0] + w[2], outer_2 = w[0] + (w[2] << 2), inner_2 = w[1] << 1;
  v[0] = w[0];
  v[1] = outer + w[1];
  v[2] = outer - w[1];
  v[3] = outer_2 + inner_2;
  v[4] = outer_2 - inner_2;
  v[5] = w[2];
}

/// Products along one line, times 24 / what taps were multiplied by.
TULLE_INLINE void gather_line(const I32 (&m)[kWide], I32 (&y)[kSide]) {
  const I32 sum = (m[1] + m[2]) << 2, difference = (m[1] - m[2]) << 2;
  const I32 sum_2 = m[3] + m[4], difference_2 = (m[3] - m[4]) << 1;
  y[0] = m[0] * 6 + sum + sum_2;
  y[1] = difference + difference_2;
  y[2] = sum + (sum_2 << 2);
  y[3] = difference + (difference_2 << 2) + m[5] * 24;
}

template <class T>
TULLE_INLINE void input_square(const T* const* pixels, int64_t c, I16 zero, int16_t* out, int64_t step) {
  I16 half[kWide][kWide];
#pragma GCC unroll 1
  for (int j = 0; j < kWide; ++j) {
    I16 column[kWide], spread[kWide];
#pragma GCC unroll 6
    for (int i = 0; i < kWide; ++i) column[i] = widen(pixels[i * kWide + j] + c) - zero;
    spread_inputs(column, spread);
#pragma GCC unroll 6
    for (int i = 0; i < kWide; ++i) half[i][j] = spread[i];
  }
#pragma GCC unroll 1
  for (int i = 0; i < kWide; ++i) {
    I16 spread[kWide];
    spread_inputs(half[i], spread);
#pragma GCC unroll 6
    for (int j = 0; j < kWide; ++j) store(out + (i * kWide + j) * step, spread[j]);
  }
}

template <class T>
TULLE_INLINE void input_squares(const T* const* pixels, int32_t channels, int32_t zero, int16_t* out, int64_t step) {
  const I16 zeros = fill16(static_cast<int16_t>(zero));
  for (int32_t c = 0; c < channels; c += kShorts) input_square(pixels, c, zeros, out + c, step);
}

void square_input_i8(const int8_t* const* pixels, int32_t channels, int32_t zero_point, int16_t* out, int64_t step) {
  input_squares(pixels, channels, zero_point, out, step);
}
void square_input_u8(const uint8_t* const* pixels, int32_t channels, int32_t zero_point, int16_t* out, int64_t step) {
  input_squares(pixels, channels, zero_point, out, step);
}

void square_filters(const int8_t* taps, int64_t tap_step, int64_t count, int32_t zero_point, int16_t* out,
                    int64_t step) {
  const I16 zero = fill16(static_cast<int16_t>(zero_point));
  for (int64_t n = 0; n < count; n += kShorts) {
    I16 half[kWide][kTaps];
#pragma GCC unroll 3
    for (int j = 0; j < kTaps; ++j) {
      I16 column[kTaps], spread[kWide];
#pragma GCC unroll 3
      for (int i = 0; i < kTaps; ++i) column[i] = widen(taps + (i * kTaps + j) * tap_step + n) - zero;
      spread_taps(column, spread);
#pragma GCC unroll 6
      for (int i = 0; i < kWide; ++i) half[i][j] = spread[i];
    }
#pragma GCC unroll 1
    for (int i = 0; i < kWide; ++i) {
      I16 spread[kWide];
      spread_taps(half[i], spread);
#pragma GCC unroll 6
      for (int j = 0; j < kWide; ++j) store(out + (i * kWide + j) * step + n, spread[j]);
    }
  }
}

void square_output(const int32_t* products, int32_t channels, int32_t* sums, int64_t row_step, bool add) {
  for (int32_t c = 0; c < channels; c += kLanes) {
    I32 half[kSide][kWide];
#pragma GCC unroll 1
    for (int j = 0; j < kWide; ++j) {
      I32 column[kWide], gathered[kSide];
#pragma GCC unroll 6
      for (int i = 0; i < kWide; ++i) column[i] = load<I32>(products + (i * kWide + j) * channels + c);
      gather_line(column, gathered);
#pragma GCC unroll 4
      for (int i = 0; i < kSide; ++i) half[i][j] = gathered[i];
    }
#pragma GCC unroll 1
    for (int i = 0; i < kSide; ++i) {
      I32 line[kSide];
      gather_line(half[i], line);
      // 576 is 9 * 2^6: by the inverse of 9 modulo 2^32, then 2^6.
#pragma GCC unroll 4
      for (int j = 0; j < kSide; ++j) {
        int32_t* to = sums + i * row_step + j * channels + c;
        const I32 sum = (line[j] * fill(int32_t{0x38E38E39})) >> 6;
        store(to, add ? load<I32>(to) + sum : sum);
      }
    }
  }
}

}  // namespace

const SquareKernels squares = {square_tiles, square_input_i8, square_input_u8, square_filters, square_output};

#endif

}  // namespace tulle::kernels::TULLE_ISA
