/* The k largest elements of each row, largest first, and where they stand; of equal ones the first comes first; NaN
   comes after all numbers. */
#ifndef TULLE_OPS_TOPK_V2_REF_H
#define TULLE_OPS_TOPK_V2_REF_H

#include <stdint.h>

/* Finds them in one row of `size` elements; 1 <= k <= size. `heap` has k places and receives the positions in order.
   It holds the best so far with the worst of them on top, then is sorted by taking the top off. */
typedef void (*tulle_top)(const void* x, int32_t size, int32_t k, int32_t* heap);

static inline int tulle_before_f32(const float* x, int32_t a, int32_t b) {
  const int a_number = x[a] == x[a], b_number = x[b] == x[b];
  if (a_number != b_number) return a_number;
  return x[a] > x[b] || (!(x[a] < x[b]) && a < b);
}
#define TULLE_BEFORE(TAG, X)                                               \
  static inline int tulle_before_##TAG(const X* x, int32_t a, int32_t b) { \
    return x[a] > x[b] || (x[a] == x[b] && a < b);                         \
  }
TULLE_BEFORE(i8, int8_t)
TULLE_BEFORE(u8, uint8_t)
TULLE_BEFORE(i16, int16_t)
TULLE_BEFORE(i32, int32_t)
TULLE_BEFORE(i64, int64_t)
#undef TULLE_BEFORE

#define TULLE_TOP(TAG, X)                                                                              \
  static inline void tulle_sink_##TAG(const X* x, int32_t* heap, int32_t count, int32_t at) {          \
    const int32_t moved = heap[at];                                                                    \
    for (;;) {                                                                                         \
      int64_t child = 2 * (int64_t)at + 1;                                                             \
      if (child >= count) break;                                                                       \
      if (child + 1 < count && tulle_before_##TAG(x, heap[child], heap[child + 1])) ++child;           \
      if (!tulle_before_##TAG(x, moved, heap[child])) break;                                           \
      heap[at] = heap[child];                                                                          \
      at = (int32_t)child;                                                                             \
    }                                                                                                  \
    heap[at] = moved;                                                                                  \
  }                                                                                                    \
  static inline void tulle_ref_topk_v2_##TAG(const void* x_, int32_t size, int32_t k, int32_t* heap) { \
    const X* const x = (const X*)x_;                                                                   \
    for (int32_t i = 0; i < k; ++i) heap[i] = i;                                                       \
    for (int32_t i = k / 2 - 1; i >= 0; --i) tulle_sink_##TAG(x, heap, k, i);                          \
    for (int32_t i = k; i < size; ++i) {                                                               \
      if (!tulle_before_##TAG(x, i, heap[0])) continue;                                                \
      heap[0] = i;                                                                                     \
      tulle_sink_##TAG(x, heap, k, 0);                                                                 \
    }                                                                                                  \
    for (int32_t last = k - 1; last > 0; --last) {                                                     \
      const int32_t worst = heap[0];                                                                   \
      heap[0] = heap[last];                                                                            \
      heap[last] = worst;                                                                              \
      tulle_sink_##TAG(x, heap, last, 0);                                                              \
    }                                                                                                  \
  }
TULLE_TOP(f32, float)
TULLE_TOP(i8, int8_t)
TULLE_TOP(u8, uint8_t)
TULLE_TOP(i16, int16_t)
TULLE_TOP(i32, int32_t)
TULLE_TOP(i64, int64_t)
#undef TULLE_TOP

#endif
