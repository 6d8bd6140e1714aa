/* Positions of the largest and the smallest along one dimension; of equal ones the first. NaN loses to any number. */
#ifndef TULLE_OPS_ARG_REF_H
#define TULLE_OPS_ARG_REF_H

#include <stdint.h>

/* x has `outer` blocks of `size` >= 1 rows of `inner` elements; best has `outer` rows of `inner` positions. */
typedef void (*tulle_arg)(const void* x, int32_t outer, int32_t size, int32_t inner, int32_t* best);

#define TULLE_ARG(NAME, X, BETTER)                                                                     \
  static inline void NAME(const void* x_, int32_t outer, int32_t size, int32_t inner, int32_t* best) { \
    const X* x = (const X*)x_;                                                                         \
    for (int32_t o = 0; o < outer; ++o, x += (int64_t)size * inner, best += inner) {                   \
      for (int32_t j = 0; j < inner; ++j) {                                                            \
        X b = x[j];                                                                                    \
        best[j] = 0;                                                                                   \
        for (int32_t i = 1; i < size; ++i) {                                                           \
          const X a = x[(int64_t)i * inner + j];                                                       \
          if (BETTER) {                                                                                \
            b = a;                                                                                     \
            best[j] = i;                                                                               \
          }                                                                                            \
        }                                                                                              \
      }                                                                                                \
    }                                                                                                  \
  }
#define TULLE_ARGS(TAG, X)                     \
  TULLE_ARG(tulle_ref_arg_max_##TAG, X, a > b) \
  TULLE_ARG(tulle_ref_arg_min_##TAG, X, a < b)
TULLE_ARG(tulle_ref_arg_max_f32, float, a > b || (a == a && b != b))
TULLE_ARG(tulle_ref_arg_min_f32, float, a < b || (a == a && b != b))
TULLE_ARGS(i8, int8_t)
TULLE_ARGS(u8, uint8_t)
TULLE_ARGS(i32, int32_t)
TULLE_ARG(tulle_ref_arg_max_bool, uint8_t, a != 0 && b == 0)
TULLE_ARG(tulle_ref_arg_min_bool, uint8_t, a == 0 && b != 0)
#undef TULLE_ARGS
#undef TULLE_ARG

#endif
