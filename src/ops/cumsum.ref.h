/* Running sums along one dimension. Integers wrap. */
#ifndef TULLE_OPS_CUMSUM_REF_H
#define TULLE_OPS_CUMSUM_REF_H

#include <stdint.h>

/* x has `outer` blocks of `size` rows of `inner` elements. `exclusive`: an element's sum leaves itself out. `reverse`:
   sums run from the last row to the first. y may be x. */
struct tulle_running {
  int32_t outer, size, inner;
  int32_t exclusive, reverse;
};

#define TULLE_CUMSUM(TAG, T, ADD)                                                        \
  static inline void tulle_ref_cumsum_##TAG(const T* x, struct tulle_running p, T* y) {  \
    const int64_t step = p.reverse ? -(int64_t)p.inner : p.inner;                        \
    for (int32_t o = 0; o < p.outer; ++o) {                                              \
      for (int32_t j = 0; j < p.inner; ++j) {                                            \
        int64_t at = ((int64_t)o * p.size + (p.reverse ? p.size - 1 : 0)) * p.inner + j; \
        T sum = 0;                                                                       \
        for (int32_t i = 0; i < p.size; ++i, at += step) {                               \
          const T next = (T)(ADD);                                                       \
          y[at] = p.exclusive ? sum : next;                                              \
          sum = next;                                                                    \
        }                                                                                \
      }                                                                                  \
    }                                                                                    \
  }
TULLE_CUMSUM(f32, float, sum + x[at])
TULLE_CUMSUM(i32, int32_t, (uint32_t)sum + (uint32_t)x[at])
TULLE_CUMSUM(i64, int64_t, (uint64_t)sum + (uint64_t)x[at])
#undef TULLE_CUMSUM

#endif
