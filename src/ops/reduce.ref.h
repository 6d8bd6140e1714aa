/* Reductions: loops that fold an array, in the order of its memory, into one accumulator for each kept index. */
#ifndef TULLE_OPS_REDUCE_REF_H
#define TULLE_OPS_REDUCE_REF_H

#include <stdint.h>

/* Folds `count` elements in a row: all into sums[0] where step is 0, each into its own where it is 1. */
typedef void (*tulle_fold)(const void* x, int32_t step, int32_t count, void* sums, const void* params);

/* A walk over an array of `rank` (at least 1) dimensions, outermost first, none of them 0. Steps are those of the
   accumulator, in bytes: 0 along dimensions that are folded; along the last, one accumulator or 0. Rows begin row_bytes
   apart: a walk may take a part of each. */
struct tulle_reduction {
  int32_t rank, element_bytes;
  int32_t dims[8];
  int64_t steps[8];
  int64_t row_bytes;
};

static inline void tulle_reduce(const struct tulle_reduction* walk, tulle_fold fold, const void* x, void* sums,
                                const void* params) {
  const int32_t last = walk->rank - 1;
  const char* at = (const char*)x;
  char* to = (char*)sums;
  int32_t index[8] = {0};
  for (;;) {
    fold(at, walk->steps[last] != 0, walk->dims[last], to, params);
    at += walk->row_bytes;
    int32_t d = last - 1;
    for (; d >= 0; --d) {
      to += walk->steps[d];
      if (++index[d] < walk->dims[d]) break;
      to -= walk->steps[d] * walk->dims[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

/* Defines a tulle_fold of elements of type X into accumulators of type S: s becomes EXPRESSION, which names the element
   a and the parameters, of type P, p. */
#define TULLE_FOLD(NAME, X, S, P, EXPRESSION)                                                            \
  static inline void NAME(const void* x_, int32_t step, int32_t count, void* sums, const void* params) { \
    const X* const x = (const X*)x_;                                                                     \
    S* const to = (S*)sums;                                                                              \
    const P p = *(const P*)params;                                                                       \
    (void)p;                                                                                             \
    if (step == 0) {                                                                                     \
      S s = to[0];                                                                                       \
      for (int32_t i = 0; i < count; ++i) {                                                              \
        const X a = x[i];                                                                                \
        s = EXPRESSION;                                                                                  \
      }                                                                                                  \
      to[0] = s;                                                                                         \
    } else {                                                                                             \
      for (int32_t i = 0; i < count; ++i) {                                                              \
        const X a = x[i];                                                                                \
        const S s = to[i];                                                                               \
        to[i] = EXPRESSION;                                                                              \
      }                                                                                                  \
    }                                                                                                    \
  }

/* The parameters of folds that have none. */
struct tulle_plain_fold {
  int32_t unused;
};
#define TULLE_PLAIN_FOLD(NAME, X, S, EXPRESSION) TULLE_FOLD(NAME, X, S, struct tulle_plain_fold, EXPRESSION)

/* Sums; of integers they wrap. */
TULLE_PLAIN_FOLD(tulle_ref_sum_f32, float, float, s + a)
TULLE_PLAIN_FOLD(tulle_ref_sum_i32, int32_t, int32_t, (int32_t)((uint32_t)s + (uint32_t)a))
TULLE_PLAIN_FOLD(tulle_ref_sum_i64, int64_t, int64_t, (int64_t)((uint64_t)s + (uint64_t)a))
TULLE_PLAIN_FOLD(tulle_ref_sum_i32_wide, int32_t, int64_t, s + a)
TULLE_PLAIN_FOLD(tulle_ref_sum_i8, int8_t, uint32_t, s + (uint32_t)a)
TULLE_PLAIN_FOLD(tulle_ref_sum_u8, uint8_t, uint32_t, s + a)
TULLE_PLAIN_FOLD(tulle_ref_sum_i16, int16_t, uint32_t, s + (uint32_t)a)

/* The largest and the smallest; a NaN is passed over unless it comes first. */
#define TULLE_EXTREMES(TAG, T)                                      \
  TULLE_PLAIN_FOLD(tulle_ref_reduce_max_##TAG, T, T, a > s ? a : s) \
  TULLE_PLAIN_FOLD(tulle_ref_reduce_min_##TAG, T, T, a < s ? a : s)
TULLE_EXTREMES(f32, float)
TULLE_EXTREMES(i8, int8_t)
TULLE_EXTREMES(u8, uint8_t)
TULLE_EXTREMES(i16, int16_t)
TULLE_EXTREMES(i32, int32_t)
TULLE_EXTREMES(i64, int64_t)
#undef TULLE_EXTREMES

/* Products; of integers they wrap. */
TULLE_PLAIN_FOLD(tulle_ref_reduce_prod_f32, float, float, s* a)
TULLE_PLAIN_FOLD(tulle_ref_reduce_prod_i8, int8_t, int8_t, (int8_t)(s* a))
TULLE_PLAIN_FOLD(tulle_ref_reduce_prod_u8, uint8_t, uint8_t, (uint8_t)(s* a))
TULLE_PLAIN_FOLD(tulle_ref_reduce_prod_i16, int16_t, int16_t, (int16_t)(s* a))
TULLE_PLAIN_FOLD(tulle_ref_reduce_prod_i32, int32_t, int32_t, (int32_t)((uint32_t)s*(uint32_t)a))
TULLE_PLAIN_FOLD(tulle_ref_reduce_prod_i64, int64_t, int64_t, (int64_t)((uint64_t)s*(uint64_t)a))

/* Truth; any byte but 0 is true. */
TULLE_PLAIN_FOLD(tulle_ref_reduce_any_bool, uint8_t, uint8_t, (uint8_t)(s | (a != 0)))
TULLE_PLAIN_FOLD(tulle_ref_reduce_all_bool, uint8_t, uint8_t, (uint8_t)(s&(a != 0)))

#endif
