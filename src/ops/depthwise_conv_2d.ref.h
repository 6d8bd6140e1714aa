/* DEPTHWISE_CONV_2D: each input channel feeds out_c / in_c output channels. Filter [1, taps_h, taps_w, out_c]. */
#ifndef TULLE_OPS_DEPTHWISE_CONV_2D_REF_H
#define TULLE_OPS_DEPTHWISE_CONV_2D_REF_H

#include "ops/conv.ref.h"

#define TULLE_DEPTHWISE(NAME, STEP, X, W, SUM)                                                                 \
  static inline void NAME(const X* x, const W* w, const struct tulle_conv* conv, const struct tulle_pixel* at, \
                          SUM* sums) {                                                                         \
    const struct tulle_window* window = &conv->window;                                                         \
    const struct tulle_reach reach = tulle_reach_of(window, at);                                               \
    const int32_t in_c = conv->in_c, out_c = conv->out_c, each = out_c / in_c;                                 \
    const int32_t x_zero = conv->x_zero, w_zero = conv->w_zero;                                                \
    (void)x_zero;                                                                                              \
    (void)w_zero;                                                                                              \
    for (int32_t c = 0; c < out_c; ++c) sums[c] = 0;                                                           \
    for (int32_t row = reach.rows.first; row < reach.rows.last; ++row) {                                       \
      for (int32_t column = reach.columns.first; column < reach.columns.last; ++column) {                      \
        const X* from = x + tulle_source(window, at, &reach, row, column) * in_c;                              \
        const W* tap = w + ((int64_t)row * window->taps_w + column) * out_c;                                   \
        if (each == 1) {                                                                                       \
          for (int32_t c = 0; c < out_c; ++c) sums[c] += STEP(from[c], tap[c]);                                \
        } else {                                                                                               \
          for (int32_t c = 0; c < in_c; ++c)                                                                   \
            for (int32_t o = c * each; o < (c + 1) * each; ++o) sums[o] += STEP(from[c], tap[o]);              \
        }                                                                                                      \
      }                                                                                                        \
    }                                                                                                          \
  }
#define TULLE_STEP_F32(x, w) (x) * (w)
#define TULLE_STEP_8(x, w) (uint32_t)((int16_t)((x) - x_zero) * (int16_t)((w) - w_zero))
#define TULLE_STEP_I16(x, w) (x) * (w)
TULLE_DEPTHWISE(tulle_depthwise_conv_2d_sums_f32, TULLE_STEP_F32, float, float, float)
TULLE_DEPTHWISE(tulle_depthwise_conv_2d_sums_i8, TULLE_STEP_8, int8_t, int8_t, uint32_t)
TULLE_DEPTHWISE(tulle_depthwise_conv_2d_sums_u8, TULLE_STEP_8, uint8_t, uint8_t, uint32_t)
TULLE_DEPTHWISE(tulle_depthwise_conv_2d_sums_i16, TULLE_STEP_I16, int16_t, int8_t, int64_t)
#undef TULLE_STEP_F32
#undef TULLE_STEP_8
#undef TULLE_STEP_I16
#undef TULLE_DEPTHWISE

#endif
