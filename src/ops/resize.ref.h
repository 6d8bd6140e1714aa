/* Resizing of pictures [batches, height, width, depth]. */
#ifndef TULLE_OPS_RESIZE_REF_H
#define TULLE_OPS_RESIZE_REF_H

#include <math.h>
#include <stdint.h>

#include "ops/strided.ref.h"

struct tulle_resize {
  int32_t batches, in_height, in_width, out_height, out_width, depth;
  int32_t align_corners;      /* the outermost centres of both pictures lie on each other */
  int32_t half_pixel_centers; /* the centre of pixel i lies at i + 0.5 */
};

/* The input row (or column) whose centre is nearest to that of output i. */
static inline int32_t tulle_resize_nearest(int32_t i, int32_t in, int32_t out, const struct tulle_resize* p) {
  const float scale = p->align_corners && out > 1 ? (float)(in - 1) / (float)(out - 1) : (float)in / (float)out;
  const float center = ((float)i + (p->half_pixel_centers ? 0.5f : 0.0f)) * scale;
  const float place = p->align_corners ? roundf(center) : floorf(center);
  return place >= (float)(in - 1) ? in - 1 : place > 0.0f ? (int32_t)place : 0;
}

/* Rows first to first + count - 1 of the output, counted through all pictures. unit: bytes of an element; columns: the
   nearest of each output column. */
static inline void tulle_ref_resize_nearest(const char* x, char* y, int64_t unit, const struct tulle_resize* p,
                                            const int32_t* columns, int64_t first, int64_t count) {
  const int64_t pixel = p->depth * unit, row = p->in_width * pixel;
  y += first * p->out_width * pixel;
  for (int64_t r = first; r < first + count; ++r) {
    const int64_t i = tulle_resize_nearest((int32_t)(r % p->out_height), p->in_height, p->out_height, p);
    const char* from = x + (r / p->out_height * p->in_height + i) * row;
    for (int32_t j = 0; j < p->out_width; ++j, y += pixel) tulle_ref_piece(from + columns[j] * pixel, y, pixel);
  }
}

/* Where output i lies between two input rows: at `weight` of the way from `low` to `high`. */
struct tulle_between {
  int32_t low, high;
  float weight;
};
static inline struct tulle_between tulle_resize_between(int32_t i, int32_t in, int32_t out,
                                                        const struct tulle_resize* p) {
  const float scale = p->align_corners && out > 1 ? (float)(in - 1) / (float)(out - 1) : (float)in / (float)out;
  const float place = p->half_pixel_centers ? ((float)i + 0.5f) * scale - 0.5f : (float)i * scale;
  const float low = floorf(place), high = ceilf(place);
  struct tulle_between between;
  between.low = low >= (float)(in - 1) ? in - 1 : low > 0.0f ? (int32_t)low : 0;
  between.high = high >= (float)(in - 1) ? in - 1 : high > 0.0f ? (int32_t)high : 0;
  between.weight = place - (float)between.low;
  return between;
}

/* Before a loop: what it writes is not what it reads. */
#if defined(__clang__)
#define TULLE_APART _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define TULLE_APART _Pragma("GCC ivdep")
#else
#define TULLE_APART
#endif

/* Defines the interpolation of one row of the output, which lies at `row` between the input rows `top` and `bottom`.
   Input rows are multiplied by their weights first, which all pixels share; then columns are blended some pixels at a
   time, each in whole steps, which compilers make vectors of: what a step holds beyond its pixel is written over by the
   next. `memory` is for tulle_resize_memory elements. */
#define TULLE_RESIZE_STEP 8
#define TULLE_RESIZE_CHUNK 1024
static inline int64_t tulle_resize_memory(const struct tulle_resize* p) {
  return 2 * ((int64_t)p->in_width * p->depth + TULLE_RESIZE_STEP) + p->depth + TULLE_RESIZE_CHUNK + TULLE_RESIZE_STEP;
}
#define TULLE_RESIZE_BILINEAR(NAME, X, SUM, BETWEEN, ONE, SUM_OF, RESULT_OF)                                       \
  static inline void NAME(const X* top, const X* bottom, const struct BETWEEN* row, const struct BETWEEN* columns, \
                          const struct tulle_resize* p, SUM* memory, X* y) {                                       \
    const int64_t depth = p->depth, width = p->in_width * depth;                                                   \
    const SUM down = (SUM)row->weight, up = ONE - down;                                                            \
    SUM *upper = memory, *lower = upper + width + TULLE_RESIZE_STEP, *sums = lower + width + TULLE_RESIZE_STEP;    \
    for (int64_t k = 0; k < width; ++k) upper[k] = (SUM)top[k] * up;                                               \
    for (int64_t k = 0; k < width; ++k) lower[k] = (SUM)bottom[k] * down;                                          \
    for (int64_t k = width; k < width + TULLE_RESIZE_STEP; ++k) upper[k] = lower[k] = 0;                           \
    const int32_t pixels = depth < TULLE_RESIZE_CHUNK ? (int32_t)(TULLE_RESIZE_CHUNK / depth) : 1;                 \
    for (int32_t first = 0; first < p->out_width; first += pixels) {                                               \
      const int32_t left_over = p->out_width - first, count = left_over < pixels ? left_over : pixels;             \
      SUM* to = sums;                                                                                              \
      for (int32_t j = first; j < first + count; ++j, to += depth) {                                               \
        const SUM right = (SUM)columns[j].weight, left = ONE - right;                                              \
        const int64_t low = columns[j].low * depth, high = columns[j].high * depth;                                \
        for (int64_t c = 0; c < depth; c += TULLE_RESIZE_STEP) {                                                   \
          TULLE_APART                                                                                              \
          for (int64_t k = c; k < c + TULLE_RESIZE_STEP; ++k)                                                      \
            to[k] = SUM_OF(upper[low + k], lower[low + k], upper[high + k], lower[high + k]);                      \
        }                                                                                                          \
      }                                                                                                            \
      for (int64_t k = 0; k < count * depth; ++k) y[k] = RESULT_OF(sums[k]);                                       \
      y += count * depth;                                                                                          \
    }                                                                                                              \
  }

/* In float32. Adding 0 makes -0 a 0, as the offset that rounds codes does. */
#define TULLE_SUM_OF_REALS(a, b, c, d) ((a) * left + (b) * left + (c) * right + (d) * right)
#define TULLE_REAL_OF_SUM(sum) (sum) + 0.0f
#define TULLE_U8_OF_SUM(sum) (uint8_t)(int32_t)((sum) + 0.5f)
TULLE_RESIZE_BILINEAR(tulle_ref_resize_bilinear_f32, float, float, tulle_between, 1.0f, TULLE_SUM_OF_REALS,
                      TULLE_REAL_OF_SUM)
TULLE_RESIZE_BILINEAR(tulle_ref_resize_bilinear_u8, uint8_t, float, tulle_between, 1.0f, TULLE_SUM_OF_REALS,
                      TULLE_U8_OF_SUM)

/* The same in 1/1024 of a row. */
struct tulle_between_fixed {
  int32_t low, high;
  int64_t weight;
};
static inline struct tulle_between_fixed tulle_resize_between_fixed(int32_t i, int32_t in, int32_t out,
                                                                    const struct tulle_resize* p) {
  const int64_t scale = p->align_corners && out > 1 ? (((int64_t)(in - 1) << 10) + (out - 1) / 2) / (out - 1)
                                                    : (((int64_t)in << 10) + out / 2) / out;
  const int64_t place = p->half_pixel_centers ? i * scale + scale / 2 - 512 : i * scale;
  const int64_t low = place / 1024, high = (place + 1023) / 1024;
  struct tulle_between_fixed between;
  between.low = (int32_t)(low < 0 ? 0 : low < in ? low : in - 1);
  between.high = (int32_t)(high < 0 ? 0 : high < in ? high : in - 1);
  between.weight = place - (int64_t)between.low * 1024;
  return between;
}

/* Integers add up to the same in any order. */
#define TULLE_SUM_OF_INTEGERS(a, b, c, d) (((a) + (b)) * left + ((c) + (d)) * right)
#define TULLE_I8_OF_SUM(sum) (int8_t)(((sum) + ((sum) > 0 ? 524288 : -524288)) / 1048576)
#define TULLE_I16_OF_SUM(sum) (int16_t)(((sum) + ((sum) > 0 ? 524288 : -524288)) / 1048576)
#define TULLE_U16_OF_SUM(sum) (uint16_t)(((sum) + ((sum) > 0 ? 524288 : -524288)) / 1048576)
TULLE_RESIZE_BILINEAR(tulle_ref_resize_bilinear_i8, int8_t, int64_t, tulle_between_fixed, 1024, TULLE_SUM_OF_INTEGERS,
                      TULLE_I8_OF_SUM)
TULLE_RESIZE_BILINEAR(tulle_ref_resize_bilinear_i16, int16_t, int64_t, tulle_between_fixed, 1024, TULLE_SUM_OF_INTEGERS,
                      TULLE_I16_OF_SUM)
TULLE_RESIZE_BILINEAR(tulle_ref_resize_bilinear_u16, uint16_t, int64_t, tulle_between_fixed, 1024,
                      TULLE_SUM_OF_INTEGERS, TULLE_U16_OF_SUM)
/* For weights from -1024 to 2048: 128 * 3072 * 3072 is below 2^31. */
TULLE_RESIZE_BILINEAR(tulle_ref_resize_bilinear_i8_short, int8_t, int32_t, tulle_between_fixed, 1024,
                      TULLE_SUM_OF_INTEGERS, TULLE_I8_OF_SUM)
#undef TULLE_SUM_OF_REALS
#undef TULLE_REAL_OF_SUM
#undef TULLE_U8_OF_SUM
#undef TULLE_SUM_OF_INTEGERS
#undef TULLE_I8_OF_SUM
#undef TULLE_I16_OF_SUM
#undef TULLE_U16_OF_SUM
#undef TULLE_RESIZE_BILINEAR
#undef TULLE_APART

#endif
