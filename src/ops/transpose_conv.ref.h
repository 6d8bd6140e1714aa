/* TRANSPOSE_CONV: the sums of what each input position would scatter onto one output position, in the order of the
   input. Filter [out_c, taps_h, taps_w, in_c]; input row r lands on output rows r * stride - pad + tap. */
#ifndef TULLE_OPS_TRANSPOSE_CONV_REF_H
#define TULLE_OPS_TRANSPOSE_CONV_REF_H

#include "ops/conv.ref.h"
#include "ops/dot.ref.h"

/* The input rows (or columns) that have a tap on output row `to`, which is counted from the edge of the padding. */
static inline struct tulle_span tulle_sources(int64_t to, int32_t stride, int32_t taps, int32_t size) {
  struct tulle_span span = {to < taps ? 0 : (int32_t)((to - taps) / stride + 1), size};
  if (to / stride + 1 < size) span.last = (int32_t)(to / stride) + 1;
  return span;
}

#define TULLE_TRANSPOSE_CONV(NAME, DOT4, X, W, SUM)                                                            \
  static inline void NAME(const X* x, const W* w, const struct tulle_conv* conv, const struct tulle_pixel* at, \
                          SUM* sums) {                                                                         \
    const struct tulle_window* window = &conv->window;                                                         \
    const int64_t to_y = (int64_t)at->y + window->pad_h, to_x = (int64_t)at->x + window->pad_w;                \
    const struct tulle_span rows = tulle_sources(to_y, window->stride_h, window->taps_h, window->in_h);        \
    const struct tulle_span columns = tulle_sources(to_x, window->stride_w, window->taps_w, window->in_w);     \
    const int64_t depth = conv->in_c, filter = (int64_t)window->taps_h * window->taps_w * depth;               \
    for (int32_t c = 0, lanes; c < conv->out_c; c += lanes) {                                                  \
      SUM lane[4] = {0, 0, 0, 0};                                                                              \
      lanes = conv->out_c - c < 4 ? conv->out_c - c : 4;                                                       \
      for (int32_t row = rows.first; row < rows.last; ++row) {                                                 \
        for (int32_t column = columns.first; column < columns.last; ++column) {                                \
          const int64_t tap_y = to_y - (int64_t)row * window->stride_h;                                        \
          const int64_t tap_x = to_x - (int64_t)column * window->stride_w;                                     \
          const X* from = x + (((int64_t)at->batch * window->in_h + row) * window->in_w + column) * depth;     \
          const W* tap = w + c * filter + (tap_y * window->taps_w + tap_x) * depth;                            \
          const W* const taps[4] = {tap, tap + (lanes > 1 ? filter : 0), tap + (lanes > 2 ? 2 * filter : 0),   \
                                    tap + (lanes > 3 ? 3 * filter : 0)};                                       \
          DOT4(from, conv->x_zero, taps, conv->w_zero, conv->in_c, lane);                                      \
        }                                                                                                      \
      }                                                                                                        \
      for (int32_t j = 0; j < lanes; ++j) sums[c + j] = lane[j];                                               \
    }                                                                                                          \
  }
TULLE_TRANSPOSE_CONV(tulle_transpose_conv_sums_f32, tulle_dot4_f32, float, float, float)
TULLE_TRANSPOSE_CONV(tulle_transpose_conv_sums_i8, tulle_dot4_i8, int8_t, int8_t, uint32_t)
TULLE_TRANSPOSE_CONV(tulle_transpose_conv_sums_u8, tulle_dot4_u8, uint8_t, uint8_t, uint32_t)
TULLE_TRANSPOSE_CONV(tulle_transpose_conv_sums_i16, tulle_dot4_i16, int16_t, int8_t, int64_t)
#undef TULLE_TRANSPOSE_CONV

#endif
