/* EMBEDDING_LOOKUP into float32 from a quantised table. */
#ifndef TULLE_OPS_EMBEDDING_LOOKUP_REF_H
#define TULLE_OPS_EMBEDDING_LOOKUP_REF_H

#include <stdint.h>

/* Signed element i of a table of 2, 4 or 8 bits, packed low bits first. */
static inline int32_t tulle_table_at(const uint8_t* table, int32_t bits, int64_t i) {
  const int64_t at = i * bits;
  const int32_t high = table[at >> 3] << (8 - bits - (int32_t)(at & 7)) & 0xFF; /* the element in the upper bits */
  return (high < 128 ? high : high - 256) >> (8 - bits);
}

/* Rows of `columns` numbers with a scale for each `block` of them, in order; ids must name rows of the table. */
struct tulle_embedding {
  int64_t count, columns, block;
  int32_t bits;
};
static inline void tulle_ref_embedding_lookup(const int32_t* ids, const uint8_t* table, const float* scales, float* y,
                                              const struct tulle_embedding* p) {
  const int64_t blocks = p->columns / p->block;
  for (int64_t i = 0; i < p->count; ++i)
    for (int64_t j = 0; j < p->columns; ++j)
      *y++ = (float)tulle_table_at(table, p->bits, ids[i] * p->columns + j) * scales[ids[i] * blocks + j / p->block];
}

#endif
