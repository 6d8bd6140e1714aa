/* CONV_2D: sums over the taps of a window and the input channels of a group. Filter [out_c, taps_h, taps_w, depth]. */
#ifndef TULLE_OPS_CONV_2D_REF_H
#define TULLE_OPS_CONV_2D_REF_H

#include "ops/conv.ref.h"
#include "ops/dot.ref.h"

/* Neighbouring taps of a row are one run in memory where there is one group and no dilation. */
#define TULLE_CONV_2D(NAME, DOT4, X, W, SUM)                                                                         \
  static inline void NAME(const X* x, const W* w, const struct tulle_conv* conv, const struct tulle_pixel* at,       \
                          SUM* sums) {                                                                               \
    const struct tulle_window* window = &conv->window;                                                               \
    const struct tulle_reach reach = tulle_reach_of(window, at);                                                     \
    const int32_t depth = conv->in_c / conv->groups, share = conv->out_c / conv->groups;                             \
    const int64_t filter = (int64_t)window->taps_h * window->taps_w * depth;                                         \
    const int32_t run = window->dilation_w == 1 && conv->groups == 1 ? reach.columns.last - reach.columns.first : 1; \
    const int32_t terms = run * depth;                                                                               \
    for (int32_t c = 0, lanes; c < conv->out_c; c += lanes) {                                                        \
      const int32_t group = c / share, left = (group + 1) * share - c;                                               \
      SUM lane[4] = {0, 0, 0, 0};                                                                                    \
      lanes = left < 4 ? left : 4;                                                                                   \
      for (int32_t row = reach.rows.first; row < reach.rows.last; ++row) {                                           \
        for (int32_t column = reach.columns.first; column < reach.columns.last; column += run) {                     \
          const X* from = x + tulle_source(window, at, &reach, row, column) * conv->in_c + group * depth;            \
          const W* tap = w + c * filter + ((int64_t)row * window->taps_w + column) * depth;                          \
          const W* const taps[4] = {tap, tap + (lanes > 1 ? filter : 0), tap + (lanes > 2 ? 2 * filter : 0),         \
                                    tap + (lanes > 3 ? 3 * filter : 0)};                                             \
          DOT4(from, conv->x_zero, taps, conv->w_zero, terms, lane);                                                 \
        }                                                                                                            \
      }                                                                                                              \
      for (int32_t j = 0; j < lanes; ++j) sums[c + j] = lane[j];                                                     \
    }                                                                                                                \
  }
TULLE_CONV_2D(tulle_conv_2d_sums_f32, tulle_dot4_f32, float, float, float)
TULLE_CONV_2D(tulle_conv_2d_sums_i8, tulle_dot4_i8, int8_t, int8_t, uint32_t)
TULLE_CONV_2D(tulle_conv_2d_sums_u8, tulle_dot4_u8, uint8_t, uint8_t, uint32_t)
TULLE_CONV_2D(tulle_conv_2d_sums_i16, tulle_dot4_i16, int16_t, int8_t, int64_t)
#undef TULLE_CONV_2D

/* tulle_conv_2d_sums_f32 of one group, with the filter turned to [taps_h, taps_w, in_c, out_c]. */
static inline void tulle_conv_2d_turned_sums_f32(const float* x, const float* w, const struct tulle_conv* conv,
                                                 const struct tulle_pixel* at, float* sums) {
  const struct tulle_window* window = &conv->window;
  const struct tulle_reach reach = tulle_reach_of(window, at);
  const int64_t depth = conv->in_c, channels = conv->out_c;
  for (int64_t c = 0; c < channels; ++c) sums[c] = 0;
  for (int32_t row = reach.rows.first; row < reach.rows.last; ++row)
    for (int32_t column = reach.columns.first; column < reach.columns.last; ++column) {
      const float* from = x + tulle_source(window, at, &reach, row, column) * depth;
      const float* tap = w + ((int64_t)row * window->taps_w + column) * depth * channels;
      for (int64_t k = 0; k < depth; ++k)
        for (int64_t c = 0; c < channels; ++c) sums[c] += from[k] * tap[k * channels + c];
    }
}

#endif
