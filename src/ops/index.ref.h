/* Indices of 2, 4 or 8 bytes, and positions in a tensor that they name. */
#ifndef TULLE_OPS_INDEX_REF_H
#define TULLE_OPS_INDEX_REF_H

#include <stdint.h>

static inline int64_t tulle_index_at(const void* indices, int32_t bytes, int64_t i) {
  return bytes == 8   ? ((const int64_t*)indices)[i]
         : bytes == 4 ? ((const int32_t*)indices)[i]
                      : ((const int16_t*)indices)[i];
}

/* The position of the first index outside 0 to limit - 1; -1 where there is none. */
static inline int64_t tulle_ref_outside(const void* indices, int32_t bytes, int64_t count, int64_t limit) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = tulle_index_at(indices, bytes, i);
    if (index < 0 || index >= limit) return i;
  }
  return -1;
}

/* How many pieces precede the one that `n` indices from position `at` name in a tensor that starts with these
   dimensions; -1 where one of them is outside its dimension. */
static inline int64_t tulle_ref_flat_index(const void* indices, int32_t bytes, int64_t at, int32_t n,
                                           const int32_t* dims) {
  int64_t flat = 0;
  for (int32_t i = 0; i < n; ++i) {
    const int64_t index = tulle_index_at(indices, bytes, at + i);
    if (index < 0 || index >= dims[i]) return -1;
    flat = flat * dims[i] + index;
  }
  return flat;
}

#endif
