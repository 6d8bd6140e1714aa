/* GATHER and GATHER_ND: pieces of a tensor picked by index. */
#ifndef TULLE_OPS_GATHER_REF_H
#define TULLE_OPS_GATHER_REF_H

#include "ops/index.ref.h"
#include "ops/strided.ref.h"

/* The source is [batches, outer, axis] pieces of `unit` bytes, the indices [batches, count], the target [batches,
   outer, count] pieces. */
struct tulle_gather {
  int64_t batches, outer, axis, count, unit;
  int32_t index_bytes;
};

/* All indices must be inside the axis. */
static inline void tulle_ref_gather(const char* x, const void* indices, char* y, const struct tulle_gather* p) {
  for (int64_t b = 0; b < p->batches; ++b)
    for (int64_t o = 0; o < p->outer; ++o) {
      for (int64_t i = 0; i < p->count; ++i, y += p->unit)
        tulle_ref_piece(x + tulle_index_at(indices, p->index_bytes, b * p->count + i) * p->unit, y, p->unit);
      x += p->axis * p->unit;
    }
}

/* `count` pieces, each named by n indices into the first n dimensions of the source. Returns the number of the first
   that does not exist, -1 where all do. */
struct tulle_gather_nd {
  int64_t count, unit;
  int32_t n, index_bytes;
  int32_t dims[8];
};
static inline int64_t tulle_ref_gather_nd(const char* x, const void* indices, char* y,
                                          const struct tulle_gather_nd* p) {
  for (int64_t i = 0; i < p->count; ++i) {
    const int64_t at = tulle_ref_flat_index(indices, p->index_bytes, i * p->n, p->n, p->dims);
    if (at < 0) return i;
    tulle_ref_piece(x + at * p->unit, y + i * p->unit, p->unit);
  }
  return -1;
}

#endif
