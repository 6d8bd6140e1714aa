/* SCATTER_ND: zeros, with slices added where indices say. */
#ifndef TULLE_OPS_SCATTER_ND_REF_H
#define TULLE_OPS_SCATTER_ND_REF_H

#include "ops/index.ref.h"

/* `count` slices of `slice` elements; n indices name a place in the first n dimensions of the output. */
struct tulle_scatter_nd {
  int64_t count, slice, elements; /* elements: of the output */
  int32_t n, index_bytes;
  int32_t dims[8];
};

/* Integers wrap around. Returns the number of the first slice whose place does not exist, -1 where all do. */
#define TULLE_REF_SCATTER_ND(name, type, sum)                                                    \
  static inline int64_t tulle_ref_scatter_nd_##name(const void* indices, const type* x, type* y, \
                                                    const struct tulle_scatter_nd* p) {          \
    for (int64_t i = 0; i < p->elements; ++i) y[i] = 0;                                          \
    for (int64_t i = 0; i < p->count; ++i) {                                                     \
      const int64_t at = tulle_ref_flat_index(indices, p->index_bytes, i * p->n, p->n, p->dims); \
      if (at < 0) return i;                                                                      \
      type* to = y + at * p->slice;                                                              \
      for (int64_t k = 0; k < p->slice; ++k) to[k] = (type)(to[k] sum x[i * p->slice + k]);      \
    }                                                                                            \
    return -1;                                                                                   \
  }
TULLE_REF_SCATTER_ND(f32, float, +)
TULLE_REF_SCATTER_ND(bool, uint8_t, |)
TULLE_REF_SCATTER_ND(u8, uint8_t, +)
TULLE_REF_SCATTER_ND(u32, uint32_t, +)
TULLE_REF_SCATTER_ND(u64, uint64_t, +)

#endif
