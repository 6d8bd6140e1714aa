/* Powers. Of integers: exact where they fit, the lowest integer where not; the exponent must not be negative. */
#ifndef TULLE_OPS_POW_REF_H
#define TULLE_OPS_POW_REF_H

#include <math.h>

#include "ops/broadcast.ref.h"

static inline int32_t tulle_power(int32_t base, int32_t exponent) {
  int64_t power = 1, square = base;
  for (uint32_t rest = (uint32_t)exponent; rest != 0; rest >>= 1) {
    /* A square beyond 2^31 stays out of range whatever it is multiplied with, 0 apart. */
    if (square > INT64_C(0x80000000)) return INT32_MIN;
    if (rest & 1) power *= square;
    if (power > INT32_MAX || power < INT32_MIN) return INT32_MIN;
    square *= square;
  }
  return (int32_t)power;
}

TULLE_ROW_OF_TWO(tulle_ref_pow_f32, float, float, struct tulle_nothing, powf(a, b))
TULLE_ROW_OF_TWO(tulle_ref_pow_i32, int32_t, int32_t, struct tulle_nothing, tulle_power(a, b))

#endif
