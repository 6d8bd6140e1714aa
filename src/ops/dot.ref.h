/* Sums of products over contiguous runs, four rows of weights at a time. Each sum grows in the order of its terms. */
#ifndef TULLE_OPS_DOT_REF_H
#define TULLE_OPS_DOT_REF_H

#include <stdint.h>

/* sums[j] += (x[i] - x_zero) * (w[j][i] - w_zero) over i < count. Differences fit 16 bits; 32-bit sums wrap. */
#define TULLE_DOT4(NAME, X, W, STEP, SUM)                                                                 \
  static inline void NAME(const X* x, int32_t x_zero, const W* const w[4], int32_t w_zero, int32_t count, \
                          SUM sums[4]) {                                                                  \
    const W *w0 = w[0], *w1 = w[1], *w2 = w[2], *w3 = w[3];                                               \
    SUM s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];                                           \
    (void)x_zero;                                                                                         \
    (void)w_zero;                                                                                         \
    for (int32_t i = 0; i < count; ++i) {                                                                 \
      s0 += STEP(x[i], w0[i]);                                                                            \
      s1 += STEP(x[i], w1[i]);                                                                            \
      s2 += STEP(x[i], w2[i]);                                                                            \
      s3 += STEP(x[i], w3[i]);                                                                            \
    }                                                                                                     \
    sums[0] = s0;                                                                                         \
    sums[1] = s1;                                                                                         \
    sums[2] = s2;                                                                                         \
    sums[3] = s3;                                                                                         \
  }

#define TULLE_STEP_F32(x, w) (x) * (w)
#define TULLE_STEP_I8(x, w) (uint32_t)((int16_t)((x) - x_zero) * (int16_t)(w))
#define TULLE_STEP_8(x, w) (uint32_t)((int16_t)((x) - x_zero) * (int16_t)((w) - w_zero))
#define TULLE_STEP_I16(x, w) (int64_t)((x) * (w))
#define TULLE_STEP_I16X8(x, w) (x) * (int16_t)(w)

TULLE_DOT4(tulle_dot4_f32, float, float, TULLE_STEP_F32, float)
TULLE_DOT4(tulle_dot4_i8, int8_t, int8_t, TULLE_STEP_I8, uint32_t)
TULLE_DOT4(tulle_dot4_i8_offset, int8_t, int8_t, TULLE_STEP_8, uint32_t)
TULLE_DOT4(tulle_dot4_u8, uint8_t, uint8_t, TULLE_STEP_8, uint32_t)
TULLE_DOT4(tulle_dot4_i16x16, int16_t, int16_t, TULLE_STEP_I16, int64_t)
TULLE_DOT4(tulle_dot4_i16_part, int16_t, int8_t, TULLE_STEP_I16X8, int32_t)

#undef TULLE_STEP_F32
#undef TULLE_STEP_I8
#undef TULLE_STEP_8
#undef TULLE_STEP_I16
#undef TULLE_STEP_I16X8
#undef TULLE_DOT4

/* 16-bit x, 8-bit w, no zero points: up to 256 products fit a 32-bit part. */
static inline void tulle_dot4_i16(const int16_t* x, int32_t x_zero, const int8_t* const w[4], int32_t w_zero,
                                  int32_t count, int64_t sums[4]) {
  for (int32_t i = 0; i < count; i += 256) {
    const int8_t* const here[4] = {w[0] + i, w[1] + i, w[2] + i, w[3] + i};
    int32_t part[4] = {0, 0, 0, 0};
    tulle_dot4_i16_part(x + i, x_zero, here, w_zero, count - i < 256 ? count - i : 256, part);
    for (int j = 0; j < 4; ++j) sums[j] += part[j];
  }
}

#endif
