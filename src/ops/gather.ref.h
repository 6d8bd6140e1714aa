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

/* Pieces first to first + count - 1 of the target. All indices must be inside the axis. */
static inline void tulle_ref_gather(const char* x, const void* indices, char* y, const struct tulle_gather* p,
                                    int64_t first, int64_t count) {
  if (count <= 0) return;
  int64_t row = first / p->count, i = first % p->count;
  y += first * p->unit;
  for (; count > 0; ++row, i = 0) {
    const char* from = x + row * p->axis * p->unit;
    const int64_t at = row / p->outer * p->count;
    for (; i < p->count && count > 0; ++i, --count, y += p->unit)
      tulle_ref_piece(from + tulle_index_at(indices, p->index_bytes, at + i) * p->unit, y, p->unit);
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
