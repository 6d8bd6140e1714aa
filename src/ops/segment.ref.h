/* Rows combined by segment: SEGMENT_SUM and UNSORTED_SEGMENT_SUM, _PROD, _MAX, _MIN. */
#ifndef TULLE_OPS_SEGMENT_REF_H
#define TULLE_OPS_SEGMENT_REF_H

#include <float.h>
#include <stdint.h>

/* y[ids[i]] of `segments` rows, each `initial` at first, takes up x[i] of `rows` rows. Rows with a negative id are left
   out; ids must be below `segments`. Sums and products of integers wrap around. */
#define TULLE_REF_SEGMENT(name, type, initial, combined)                                                             \
  static inline void tulle_ref_segment_##name(const type* x, const int32_t* ids, type* y, int64_t rows, int64_t row, \
                                              int64_t segments) {                                                    \
    for (int64_t i = 0; i < segments * row; ++i) y[i] = (initial);                                                   \
    for (int64_t i = 0; i < rows; ++i, x += row) {                                                                   \
      if (ids[i] < 0) continue;                                                                                      \
      type* to = y + ids[i] * row;                                                                                   \
      for (int64_t k = 0; k < row; ++k) {                                                                            \
        const type a = to[k], b = x[k];                                                                              \
        to[k] = (combined);                                                                                          \
      }                                                                                                              \
    }                                                                                                                \
  }
TULLE_REF_SEGMENT(sum_f32, float, 0.0f, a + b)
TULLE_REF_SEGMENT(sum_i32, int32_t, 0, (int32_t)((uint32_t)a + (uint32_t)b))
TULLE_REF_SEGMENT(prod_f32, float, 1.0f, a* b)
TULLE_REF_SEGMENT(prod_i32, int32_t, 1, (int32_t)((uint32_t)a*(uint32_t)b))
TULLE_REF_SEGMENT(max_f32, float, -FLT_MAX, a < b ? b : a)
TULLE_REF_SEGMENT(max_i32, int32_t, INT32_MIN, a < b ? b : a)
TULLE_REF_SEGMENT(min_f32, float, FLT_MAX, b < a ? b : a)
TULLE_REF_SEGMENT(min_i32, int32_t, INT32_MAX, b < a ? b : a)

#endif
