/* Copies between strided arrays: the arithmetic of every operator that only moves elements. */
#ifndef TULLE_OPS_STRIDED_REF_H
#define TULLE_OPS_STRIDED_REF_H

#include <stdint.h>
#include <string.h>

#define TULLE_STRIDED_LOOPS 16

/* Nested loops, the last innermost, over pieces of `unit` contiguous bytes. Steps are bytes from one piece to the next
   in that loop: 0 repeats a piece, negative steps walk backwards. */
struct tulle_strided {
  int32_t loops; /* 1 to TULLE_STRIDED_LOOPS */
  int64_t unit;
  int64_t from_start, to_start;
  int64_t extent[TULLE_STRIDED_LOOPS];
  int64_t from[TULLE_STRIDED_LOOPS];
  int64_t to[TULLE_STRIDED_LOOPS];
};

/* Writes `count` copies of the piece at `from` one after the other. */
static inline void tulle_ref_repeat(const char* from, char* to, int64_t unit, int64_t count) {
  if (count <= 0 || unit <= 0) return;
  const int64_t total = unit * count;
  memcpy(to, from, (size_t)unit);
  for (int64_t done = unit; done < total; done *= 2)
    memcpy(to + done, to, (size_t)(done < total - done ? done : total - done));
}

/* One piece; the sizes of single elements without a call. */
static inline void tulle_ref_piece(const char* from, char* to, int64_t unit) {
  switch (unit) {
    case 1: *to = *from; return;
    case 2: memcpy(to, from, 2); return;
    case 4: memcpy(to, from, 4); return;
    case 8: memcpy(to, from, 8); return;
    default: memcpy(to, from, (size_t)unit); return;
  }
}

/* The innermost loop. */
static inline void tulle_ref_strided_row(const char* from, char* to, int64_t unit, int64_t count, int64_t from_step,
                                         int64_t to_step) {
  int64_t i;
  if (from_step == 0 && to_step == unit) {
    tulle_ref_repeat(from, to, unit, count);
    return;
  }
  switch (unit) {
    case 1:
      for (i = 0; i < count; ++i) to[i * to_step] = from[i * from_step];
      return;
    case 2:
      for (i = 0; i < count; ++i) memcpy(to + i * to_step, from + i * from_step, 2);
      return;
    case 4:
      for (i = 0; i < count; ++i) memcpy(to + i * to_step, from + i * from_step, 4);
      return;
    case 8:
      for (i = 0; i < count; ++i) memcpy(to + i * to_step, from + i * from_step, 8);
      return;
    default:
      for (i = 0; i < count; ++i) memcpy(to + i * to_step, from + i * from_step, (size_t)unit);
      return;
  }
}

static inline void tulle_ref_strided_copy(const void* source, void* target, const struct tulle_strided* s) {
  const int32_t last = s->loops - 1;
  int64_t at[TULLE_STRIDED_LOOPS] = {0};
  int64_t from = s->from_start, to = s->to_start;
  int32_t i;
  for (i = 0; i <= last; ++i)
    if (s->extent[i] == 0) return;
  do {
    tulle_ref_strided_row((const char*)source + from, (char*)target + to, s->unit, s->extent[last], s->from[last],
                          s->to[last]);
    for (i = last - 1; i >= 0; --i) {
      from += s->from[i];
      to += s->to[i];
      if (++at[i] < s->extent[i]) break;
      from -= s->from[i] * s->extent[i];
      to -= s->to[i] * s->extent[i];
      at[i] = 0;
    }
  } while (i >= 0);
}

#endif
