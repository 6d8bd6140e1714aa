/* FULLY_CONNECTED: rows of the input times rows of the weights [units, depth]; a convolution of single positions. */
#ifndef TULLE_OPS_FULLY_CONNECTED_REF_H
#define TULLE_OPS_FULLY_CONNECTED_REF_H

#include "ops/conv.ref.h"
#include "ops/dot.ref.h"

/* out[r][j] (+)= dot product of row r of x and row j of w: one row of sums. */
#define TULLE_ROW_SUMS(NAME, DOT4, X, W, SUM)                                                                  \
  static inline void NAME(const X* x, const W* w, const struct tulle_conv* conv, const struct tulle_pixel* at, \
                          SUM* sums) {                                                                         \
    const int64_t depth = conv->in_c;                                                                          \
    for (int32_t c = 0, lanes; c < conv->out_c; c += lanes) {                                                  \
      SUM lane[4] = {0, 0, 0, 0};                                                                              \
      const W* row = w + c * depth;                                                                            \
      lanes = conv->out_c - c < 4 ? conv->out_c - c : 4;                                                       \
      const W* const rows[4] = {row, row + (lanes > 1 ? depth : 0), row + (lanes > 2 ? 2 * depth : 0),         \
                                row + (lanes > 3 ? 3 * depth : 0)};                                            \
      DOT4(x + at->batch * depth, conv->x_zero, rows, conv->w_zero, conv->in_c, lane);                         \
      for (int32_t j = 0; j < lanes; ++j) sums[c + j] = lane[j];                                               \
    }                                                                                                          \
  }
TULLE_ROW_SUMS(tulle_fully_connected_sums_f32, tulle_dot4_f32, float, float, float)
TULLE_ROW_SUMS(tulle_fully_connected_sums_i8, tulle_dot4_i8_offset, int8_t, int8_t, uint32_t)
TULLE_ROW_SUMS(tulle_fully_connected_sums_u8, tulle_dot4_u8, uint8_t, uint8_t, uint32_t)
TULLE_ROW_SUMS(tulle_fully_connected_sums_i16, tulle_dot4_i16, int16_t, int8_t, int64_t)
TULLE_ROW_SUMS(tulle_fully_connected_sums_i16x16, tulle_dot4_i16x16, int16_t, int16_t, int64_t)
#undef TULLE_ROW_SUMS

TULLE_CONV(tulle_ref_fully_connected_i8, tulle_sums_i8, int8_t, int8_t, uint32_t, int32_t, tulle_rounding,
           tulle_rounded_i8, int8_t)
TULLE_CONV(tulle_ref_fully_connected_u8, tulle_sums_u8, uint8_t, uint8_t, uint32_t, int32_t, tulle_rounding,
           tulle_rounded_u8, uint8_t)
TULLE_CONV(tulle_ref_fully_connected_u8_i16, tulle_sums_u8, uint8_t, uint8_t, uint32_t, int32_t, tulle_rounding,
           tulle_rounded_i16, int16_t)
TULLE_CONV(tulle_ref_fully_connected_i16_wide, tulle_sums_i16, int16_t, int8_t, int64_t, int64_t, tulle_rounding,
           tulle_rounded_i16_wide, int16_t)
TULLE_CONV(tulle_ref_fully_connected_i16_narrow, tulle_sums_i16, int16_t, int8_t, int64_t, int32_t, tulle_rounding,
           tulle_rounded_i16_narrow, int16_t)
TULLE_CONV(tulle_ref_fully_connected_i16x16, tulle_sums_i16x16, int16_t, int16_t, int64_t, int64_t, tulle_codes,
           tulle_codes_i16_wide, int16_t)
TULLE_CONV(tulle_ref_fully_connected_i16x16_bias32, tulle_sums_i16x16, int16_t, int16_t, int64_t, int32_t, tulle_codes,
           tulle_codes_i16_wide_bias32, int16_t)

/* Real rows on weights with a scale for each block of so many neighbours: q holds each row quantised, rows says how. */
static inline void tulle_ref_fully_connected_blocks(const int8_t* q, const struct tulle_row_scale* rows,
                                                    const int8_t* w, const float* scales, int32_t block,
                                                    const float* bias, const struct tulle_conv* conv,
                                                    struct tulle_range_f32 range, float* y) {
  const int64_t depth = conv->in_c, blocks = depth / block;
  for (int64_t r = 0; r < conv->batches; ++r) {
    for (int64_t u = 0; u < conv->out_c; ++u) {
      float sum = 0.0f, weight = 0.0f;
      for (int64_t b = 0; b < blocks; ++b) {
        const int8_t *x = q + r * depth + b * block, *row = w + u * depth + b * block;
        const float scale = scales[u * blocks + b];
        uint32_t product = 0, total = 0;
        for (int32_t i = 0; i < block; ++i) {
          product += (uint32_t)(x[i] * row[i]);
          total += (uint32_t)row[i];
        }
        sum += (float)(int32_t)product * scale;
        weight += scale * (float)(int32_t)total;
      }
      sum = (sum - (float)rows[r].zero_point * weight) * rows[r].scale;
      y[r * conv->out_c + u] = tulle_clamp_f32(sum + (bias ? bias[u] : 0.0f), range);
    }
  }
}

#endif
