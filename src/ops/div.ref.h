/* Quotients of codes: the dividend times the inverse of the divisor. */
#ifndef TULLE_OPS_DIV_REF_H
#define TULLE_OPS_DIV_REF_H

#include "ops/quantized_arithmetic.ref.h"
#include "ops/reciprocal.ref.h"

/* b must not be 0. The quotient has as many bits as fit; what lies below its last bit is cut in the end. */
static inline int32_t tulle_quotient(int32_t a, int32_t b, struct tulle_result to) {
  if (b < 0) {
    a = -a;
    b = -b;
  }
  const struct tulle_factor inverse = tulle_reciprocal(b);
  int32_t headroom = 31;
  for (int32_t rest = a < 0 ? ~a : a; rest > 0; rest >>= 1) --headroom;
  const int32_t quotient = tulle_high_mul((int32_t)((uint32_t)a << headroom), inverse.multiplier);
  const int32_t scaled = tulle_high_mul(quotient, to.factor.multiplier);
  const int32_t shift = to.factor.shift + inverse.shift - headroom;
  int64_t value = 0;
  if (shift > 0)
    value = (int64_t)scaled * (INT64_C(1) << (shift < 31 ? shift : 31));
  else if (shift >= -31)
    value = tulle_divide_by_pot(scaled, -shift);
  value += to.zero_point;
  return (int32_t)(value < to.low ? to.low : value > to.high ? to.high : value);
}

#define TULLE_QUOTIENT(TAG, T)                                      \
  TULLE_ROW_OF_TWO(tulle_ref_div_##TAG, T, T, struct tulle_offsets, \
                   (T)tulle_quotient(a - p.a_zero_point, b - p.b_zero_point, p.to))
TULLE_QUOTIENT(i8, int8_t)
TULLE_QUOTIENT(u8, uint8_t)
TULLE_QUOTIENT(q16, int16_t)
#undef TULLE_QUOTIENT

#endif
