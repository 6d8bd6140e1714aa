/* WHERE: the coordinates of the elements that are not zero. */
#ifndef TULLE_OPS_WHERE_REF_H
#define TULLE_OPS_WHERE_REF_H

#include <stdint.h>

static inline int32_t tulle_ref_is_zero(const void* x, int32_t bytes, int64_t i) {
  return bytes == 1   ? ((const uint8_t*)x)[i] == 0
         : bytes == 4 ? ((const uint32_t*)x)[i] == 0
                      : ((const uint64_t*)x)[i] == 0;
}
static inline int32_t tulle_ref_is_zero_f32(const void* x, int32_t bytes, int64_t i) {
  (void)bytes;
  return ((const float*)x)[i] == 0.0f; /* either zero; NaN is none */
}
typedef int32_t (*tulle_is_zero)(const void* x, int32_t bytes, int64_t i);

static inline int64_t tulle_ref_count_nonzero(const void* x, int32_t bytes, tulle_is_zero is_zero, int64_t count) {
  int64_t found = 0;
  for (int64_t i = 0; i < count; ++i) found += !is_zero(x, bytes, i);
  return found;
}

/* Writes rows of `rank` coordinates, at most `most` of them. */
static inline void tulle_ref_where(const void* x, int32_t bytes, tulle_is_zero is_zero, const int32_t* dims,
                                   int32_t rank, int64_t count, int64_t* y, int64_t most) {
  for (int64_t i = 0; i < count && most > 0; ++i) {
    if (is_zero(x, bytes, i)) continue;
    int64_t rest = i;
    for (int32_t d = rank - 1; d >= 0; --d) {
      y[d] = rest % dims[d];
      rest /= dims[d];
    }
    y += rank;
    --most;
  }
}

#endif
