/* REVERSE_SEQUENCE: the first elements of each sequence in reverse order. */
#ifndef TULLE_OPS_REVERSE_SEQUENCE_REF_H
#define TULLE_OPS_REVERSE_SEQUENCE_REF_H

#include "ops/index.ref.h"
#include "ops/strided.ref.h"

/* The tensor is [outer, first, middle, second, inner] elements; of first and second, one counts the batches and one the
   places in a sequence. */
struct tulle_reverse_sequence {
  int64_t outer, first, middle, second, unit; /* unit: bytes of inner elements */
  int32_t batch_first;                        /* whether the batches are the first of the two */
  int32_t length_bytes;
};

/* Lengths must be inside 0 to the size of the sequence dimension. */
static inline void tulle_ref_reverse_sequence(const char* x, const void* lengths, char* y,
                                              const struct tulle_reverse_sequence* p) {
  for (int64_t o = 0; o < p->outer; ++o, x += p->first * p->middle * p->second * p->unit)
    for (int64_t i = 0; i < p->first; ++i)
      for (int64_t m = 0; m < p->middle; ++m)
        for (int64_t j = 0; j < p->second; ++j, y += p->unit) {
          const int64_t length = tulle_index_at(lengths, p->length_bytes, p->batch_first ? i : j);
          const int64_t place = p->batch_first ? j : i, from = place < length ? length - 1 - place : place;
          const int64_t row = p->batch_first ? i : from, column = p->batch_first ? from : j;
          tulle_ref_piece(x + ((row * p->middle + m) * p->second + column) * p->unit, y, p->unit);
        }
}

#endif
