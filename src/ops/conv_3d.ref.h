/* CONV_3D: a window over depth, height and width. Filter [taps_d, taps_h, taps_w, in_c, out_c]. */
#ifndef TULLE_OPS_CONV_3D_REF_H
#define TULLE_OPS_CONV_3D_REF_H

#include "ops/codes.ref.h"
#include "ops/window.ref.h"

/* The window over height and width, and the same numbers for depth. */
struct tulle_conv_3d {
  struct tulle_window window;
  int32_t in_d, out_d, taps_d, stride_d, dilation_d, pad_d;
  int32_t batches, in_c, out_c;
};

/* `sums` is memory for out_c of them. */
static inline void tulle_ref_conv_3d_f32(const float* x, const float* w, const float* bias,
                                         const struct tulle_conv_3d* conv, struct tulle_range_f32 range, float* sums,
                                         float* y) {
  const struct tulle_window* window = &conv->window;
  const int32_t in_c = conv->in_c, out_c = conv->out_c;
  /* The slices of all batches are the images that the plane's window walks over. */
  struct tulle_pixel at = tulle_first_pixel(window, conv->batches * conv->out_d);
  for (; at.left > 0; tulle_next_pixel(window, &at), y += out_c) {
    const int64_t front = (int64_t)(at.batch % conv->out_d) * conv->stride_d - conv->pad_d;
    const struct tulle_span slices = tulle_taps(front, conv->dilation_d, conv->taps_d, conv->in_d);
    const struct tulle_reach reach = tulle_reach_of(window, &at);
    for (int32_t o = 0; o < out_c; ++o) sums[o] = 0.0f;
    for (int32_t slice = slices.first; slice < slices.last; ++slice) {
      struct tulle_pixel image = at;
      image.batch = (int32_t)(at.batch / conv->out_d * conv->in_d + front + (int64_t)slice * conv->dilation_d);
      for (int32_t row = reach.rows.first; row < reach.rows.last; ++row) {
        for (int32_t column = reach.columns.first; column < reach.columns.last; ++column) {
          const float* from = x + tulle_source(window, &image, &reach, row, column) * in_c;
          const float* tap = w + (((int64_t)slice * window->taps_h + row) * window->taps_w + column) * in_c * out_c;
          for (int32_t c = 0; c < in_c; ++c, tap += out_c)
            for (int32_t o = 0; o < out_c; ++o) sums[o] += from[c] * tap[o];
        }
      }
    }
    tulle_reals(sums, bias, out_c, range, y);
  }
}

#endif
