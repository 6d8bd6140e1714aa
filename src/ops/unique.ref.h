/* UNIQUE: the different numbers of a vector in the order they come, and which of them each element is. */
#ifndef TULLE_OPS_UNIQUE_REF_H
#define TULLE_OPS_UNIQUE_REF_H

#include <stdint.h>
#include <string.h>

/* A number that is the same for equal floats: both zeros are equal, and so are all NaNs. */
static inline int64_t tulle_float_key(float value) {
  int32_t bits;
  if (value == 0.0f) return 0;
  if (value != value) return INT64_MAX;
  memcpy(&bits, &value, 4);
  return bits;
}

/* Puts the positions 0 to count - 1 into `order` so that their keys ascend, equal ones in order; `spare` has as much
 * room. */
static inline void tulle_ref_sort_positions(const int64_t* keys, int32_t count, int32_t* order, int32_t* spare) {
  for (int32_t i = 0; i < count; ++i) order[i] = i;
  for (int64_t width = 1; width < count; width *= 2) {
    for (int64_t start = 0; start < count; start += 2 * width) {
      const int64_t middle = start + width < count ? start + width : count;
      const int64_t end = middle + width < count ? middle + width : count;
      int64_t a = start, b = middle;
      for (int64_t i = start; i < end; ++i)
        spare[i] = b >= end || (a < middle && keys[order[a]] <= keys[order[b]]) ? order[a++] : order[b++];
    }
    memcpy(order, spare, (size_t)count * sizeof *order);
  }
}

/* places[i] becomes the number of element i among the different ones, firsts[n] the position where number n is met
   first. `order` needs as much room; places and firsts serve as spare memory on the way. Returns how many differ. */
static inline int32_t tulle_ref_unique(const int64_t* keys, int32_t count, int32_t* order, int32_t* places,
                                       int32_t* firsts) {
  int32_t found = 0;
  tulle_ref_sort_positions(keys, count, order, firsts);
  for (int32_t i = 0, first = 0; i < count; ++i) {
    if (i == 0 || keys[order[i]] != keys[order[i - 1]]) first = order[i];
    places[order[i]] = first;
  }
  for (int32_t i = 0; i < count; ++i) {
    if (places[i] == i) {
      firsts[found] = i;
      places[i] = found++;
    } else {
      places[i] = places[places[i]];
    }
  }
  return found;
}

#endif
