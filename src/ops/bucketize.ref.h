/* BUCKETIZE: how many of the ascending boundaries are not above x. */
#ifndef TULLE_OPS_BUCKETIZE_REF_H
#define TULLE_OPS_BUCKETIZE_REF_H

#include <stdint.h>

/* Numbers are compared as `common`, the type that C gives a comparison of `type` and float. */
#define TULLE_REF_BUCKETIZE(name, type, common)                                                                        \
  static inline void name(const type* x, int32_t* y, int64_t count, const float* boundaries, int32_t boundary_count) { \
    for (int64_t i = 0; i < count; ++i) {                                                                              \
      int32_t first = 0, length = boundary_count;                                                                      \
      while (length > 0) {                                                                                             \
        const int32_t half = length / 2;                                                                               \
        if ((common)x[i] < (common)boundaries[first + half]) {                                                         \
          length = half;                                                                                               \
        } else {                                                                                                       \
          first += half + 1;                                                                                           \
          length -= half + 1;                                                                                          \
        }                                                                                                              \
      }                                                                                                                \
      y[i] = first;                                                                                                    \
    }                                                                                                                  \
  }

TULLE_REF_BUCKETIZE(tulle_ref_bucketize_f32, float, float)
TULLE_REF_BUCKETIZE(tulle_ref_bucketize_f64, double, double)
TULLE_REF_BUCKETIZE(tulle_ref_bucketize_i32, int32_t, float)
TULLE_REF_BUCKETIZE(tulle_ref_bucketize_i64, int64_t, float)

#endif
