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

/* unit: bytes of an element. */
static inline void tulle_ref_resize_nearest(const char* x, char* y, int64_t unit, const struct tulle_resize* p) {
  const int64_t pixel = p->depth * unit, row = p->in_width * pixel;
  for (int32_t b = 0; b < p->batches; ++b, x += p->in_height * row)
    for (int32_t i = 0; i < p->out_height; ++i) {
      const char* from = x + tulle_resize_nearest(i, p->in_height, p->out_height, p) * row;
      for (int32_t j = 0; j < p->out_width; ++j, y += pixel)
        tulle_ref_piece(from + tulle_resize_nearest(j, p->in_width, p->out_width, p) * pixel, y, pixel);
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

/* Bilinear, in float32. `offset` is what rounds before the cut to the type: 0 for float, 0.5 for uint8. */
#define TULLE_REF_RESIZE_BILINEAR(name, type, offset)                                                           \
  static inline void tulle_ref_resize_bilinear_##name(const type* x, type* y, const struct tulle_resize* p) {   \
    const int64_t depth = p->depth, row = p->in_width * depth;                                                  \
    for (int32_t b = 0; b < p->batches; ++b, x += p->in_height * row)                                           \
      for (int32_t i = 0; i < p->out_height; ++i) {                                                             \
        const struct tulle_between v = tulle_resize_between(i, p->in_height, p->out_height, p);                 \
        const float down = v.weight, up = 1.0f - down;                                                          \
        for (int32_t j = 0; j < p->out_width; ++j, y += depth) {                                                \
          const struct tulle_between h = tulle_resize_between(j, p->in_width, p->out_width, p);                 \
          const float right = h.weight, left = 1.0f - right;                                                    \
          const type* top_left = x + v.low * row + h.low * depth;                                               \
          const type* top_right = x + v.low * row + h.high * depth;                                             \
          const type* bottom_left = x + v.high * row + h.low * depth;                                           \
          const type* bottom_right = x + v.high * row + h.high * depth;                                         \
          for (int64_t c = 0; c < depth; ++c)                                                                   \
            y[c] = (type)((float)top_left[c] * up * left + (float)bottom_left[c] * down * left +                \
                          (float)top_right[c] * up * right + (float)bottom_right[c] * down * right + (offset)); \
        }                                                                                                       \
      }                                                                                                         \
  }
TULLE_REF_RESIZE_BILINEAR(f32, float, 0.0f)
TULLE_REF_RESIZE_BILINEAR(u8, uint8_t, 0.5f)

/* The same with places and weights in 1/1024 of a row. */
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

#define TULLE_REF_RESIZE_BILINEAR_FIXED(name, type)                                                           \
  static inline void tulle_ref_resize_bilinear_##name(const type* x, type* y, const struct tulle_resize* p) { \
    const int64_t depth = p->depth, row = p->in_width * depth;                                                \
    for (int32_t b = 0; b < p->batches; ++b, x += p->in_height * row)                                         \
      for (int32_t i = 0; i < p->out_height; ++i) {                                                           \
        const struct tulle_between_fixed v = tulle_resize_between_fixed(i, p->in_height, p->out_height, p);   \
        const int64_t down = v.weight, up = 1024 - down;                                                      \
        for (int32_t j = 0; j < p->out_width; ++j, y += depth) {                                              \
          const struct tulle_between_fixed h = tulle_resize_between_fixed(j, p->in_width, p->out_width, p);   \
          const int64_t right = h.weight, left = 1024 - right;                                                \
          const type* top_left = x + v.low * row + h.low * depth;                                             \
          const type* top_right = x + v.low * row + h.high * depth;                                           \
          const type* bottom_left = x + v.high * row + h.low * depth;                                         \
          const type* bottom_right = x + v.high * row + h.high * depth;                                       \
          for (int64_t c = 0; c < depth; ++c) {                                                               \
            const int64_t sum = top_left[c] * (up * left) + bottom_left[c] * (down * left) +                  \
                                top_right[c] * (up * right) + bottom_right[c] * (down * right);               \
            y[c] = (type)((sum + (sum > 0 ? 524288 : -524288)) / 1048576);                                    \
          }                                                                                                   \
        }                                                                                                     \
      }                                                                                                       \
  }
TULLE_REF_RESIZE_BILINEAR_FIXED(i8, int8_t)
TULLE_REF_RESIZE_BILINEAR_FIXED(i16, int16_t)
TULLE_REF_RESIZE_BILINEAR_FIXED(u16, uint16_t)

#endif
