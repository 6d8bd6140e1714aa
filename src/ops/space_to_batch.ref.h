/* SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND, each the other's reverse. */
#ifndef TULLE_OPS_SPACE_TO_BATCH_REF_H
#define TULLE_OPS_SPACE_TO_BATCH_REF_H

#include "ops/strided.ref.h"

/* A space [count, height, width] and batches [count * block_height * block_width, batch_height, batch_width], both of
   pieces of `unit` bytes. The space lies at `top`, `left` in the larger one that the batches make up. */
struct tulle_space_batch {
  int64_t count, height, width;
  int64_t batch_height, batch_width;
  int64_t block_height, block_width;
  int64_t top, left;
  int64_t unit;
};

/* The position among the batches of pixel (y, x) of space n. */
static inline int64_t tulle_batch_position(const struct tulle_space_batch* p, int64_t n, int64_t y, int64_t x) {
  const int64_t row = y + p->top, column = x + p->left;
  const int64_t batch = ((row % p->block_height) * p->block_width + column % p->block_width) * p->count + n;
  return ((batch * p->batch_height + row / p->block_height) * p->batch_width + column / p->block_width) * p->unit;
}

/* Pixels of the batches that have no place in the space are left as they are. */
static inline void tulle_ref_space_to_batch(const char* space, char* batches, const struct tulle_space_batch* p) {
  for (int64_t n = 0; n < p->count; ++n)
    for (int64_t y = 0; y < p->height; ++y)
      for (int64_t x = 0; x < p->width; ++x, space += p->unit)
        tulle_ref_piece(space, batches + tulle_batch_position(p, n, y, x), p->unit);
}

static inline void tulle_ref_batch_to_space(const char* batches, char* space, const struct tulle_space_batch* p) {
  for (int64_t n = 0; n < p->count; ++n)
    for (int64_t y = 0; y < p->height; ++y)
      for (int64_t x = 0; x < p->width; ++x, space += p->unit)
        tulle_ref_piece(batches + tulle_batch_position(p, n, y, x), space, p->unit);
}

#endif
