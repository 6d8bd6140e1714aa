/* Windows that slide over an image: output positions, and the taps of each that lie inside the image. */
#ifndef TULLE_OPS_WINDOW_REF_H
#define TULLE_OPS_WINDOW_REF_H

#include <stdint.h>

/* Sizes of image, result and window. Output position y reads input rows y * stride - pad + dilation * tap. */
struct tulle_window {
  int32_t in_h, in_w, out_h, out_w;
  int32_t taps_h, taps_w, stride_h, stride_w, dilation_h, dilation_w, pad_h, pad_w;
};

/* first <= i < last; empty where last <= first. */
struct tulle_span {
  int32_t first, last;
};

/* The taps that fall on 0 … size-1 for a window whose tap 0 falls on origin. */
static inline struct tulle_span tulle_taps(int64_t origin, int32_t dilation, int32_t taps, int32_t size) {
  struct tulle_span span = {0, taps};
  if (origin < 0) span.first = (int32_t)((dilation - 1 - origin) / dilation);
  if (origin + (int64_t)dilation * (taps - 1) >= size)
    span.last = origin < size ? (int32_t)((size - origin + dilation - 1) / dilation) : 0;
  return span;
}

/* One output position on a walk over all of them, x fastest; `left` counts it and those after it. */
struct tulle_pixel {
  int64_t left;
  int32_t batch, y, x;
};

static inline struct tulle_pixel tulle_first_pixel(const struct tulle_window* window, int32_t batches) {
  const struct tulle_pixel pixel = {(int64_t)batches * window->out_h * window->out_w, 0, 0, 0};
  return pixel;
}

static inline void tulle_next_pixel(const struct tulle_window* window, struct tulle_pixel* pixel) {
  --pixel->left;
  if (++pixel->x < window->out_w) return;
  pixel->x = 0;
  if (++pixel->y < window->out_h) return;
  pixel->y = 0;
  ++pixel->batch;
}

/* The rows and columns of taps that a position reads, and where tap (0, 0) falls. */
struct tulle_reach {
  int64_t top, left;
  struct tulle_span rows, columns;
};

static inline struct tulle_reach tulle_reach_of(const struct tulle_window* window, const struct tulle_pixel* at) {
  struct tulle_reach reach;
  reach.top = (int64_t)at->y * window->stride_h - window->pad_h;
  reach.left = (int64_t)at->x * window->stride_w - window->pad_w;
  reach.rows = tulle_taps(reach.top, window->dilation_h, window->taps_h, window->in_h);
  reach.columns = tulle_taps(reach.left, window->dilation_w, window->taps_w, window->in_w);
  return reach;
}

/* The index of the input position under tap (row, column), which is one inside the image. */
static inline int64_t tulle_source(const struct tulle_window* window, const struct tulle_pixel* at,
                                   const struct tulle_reach* reach, int32_t row, int32_t column) {
  const int64_t y = reach->top + (int64_t)row * window->dilation_h;
  const int64_t x = reach->left + (int64_t)column * window->dilation_w;
  return ((int64_t)at->batch * window->in_h + y) * window->in_w + x;
}

#endif
