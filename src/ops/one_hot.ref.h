/* ONE_HOT: indices [outer, inner] as [outer, depth, inner] of two values. */
#ifndef TULLE_OPS_ONE_HOT_REF_H
#define TULLE_OPS_ONE_HOT_REF_H

#include "ops/index.ref.h"
#include "ops/strided.ref.h"

struct tulle_one_hot {
  int64_t outer, depth, inner, unit; /* unit: bytes of an element */
  int32_t index_bytes;
};

/* An index outside 0 to depth - 1 turns nothing on. */
static inline void tulle_ref_one_hot(const void* indices, const char* on, const char* off, char* y,
                                     const struct tulle_one_hot* p) {
  tulle_ref_repeat(off, y, p->unit, p->outer * p->depth * p->inner);
  for (int64_t i = 0; i < p->outer; ++i)
    for (int64_t k = 0; k < p->inner; ++k) {
      const int64_t index = tulle_index_at(indices, p->index_bytes, i * p->inner + k);
      if (index >= 0 && index < p->depth)
        tulle_ref_piece(on, y + ((i * p->depth + index) * p->inner + k) * p->unit, p->unit);
    }
}

#endif
