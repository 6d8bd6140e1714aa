/* Comparisons of two operands: numbers as they are, codes of different scales brought to a common one. */
#ifndef TULLE_OPS_COMPARISON_REF_H
#define TULLE_OPS_COMPARISON_REF_H

#include "ops/broadcast.ref.h"
#include "ops/fixed_point.ref.h"
#include "ops/half.ref.h"

/* (code - zero point) * 2^8 * scale, for both operands. */
struct tulle_scales {
  int32_t a_zero_point, b_zero_point;
  struct tulle_factor a_factor, b_factor;
};

static inline int32_t tulle_scaled_offset(int32_t offset, struct tulle_factor factor) {
  return tulle_rescale(offset * (1 << 8), factor);
}

#define TULLE_COMPARE(NAME, TAG, T, COMPARISON) \
  TULLE_ROW_OF_TWO(NAME##_##TAG, T, uint8_t, struct tulle_nothing, (uint8_t)(COMPARISON))
#define TULLE_COMPARE_SCALED(NAME, TAG, T, SIGN)                                 \
  TULLE_ROW_OF_TWO(NAME##_##TAG, T, uint8_t, struct tulle_scales,                \
                   (uint8_t)(tulle_scaled_offset(a - p.a_zero_point, p.a_factor) \
                                 SIGN tulle_scaled_offset(b - p.b_zero_point, p.b_factor)))
#define TULLE_COMPARISON(NAME, SIGN)                                              \
  TULLE_COMPARE(NAME, bool, uint8_t, (a != 0) SIGN(b != 0))                       \
  TULLE_COMPARE(NAME, f32, float, a SIGN b)                                       \
  TULLE_COMPARE(NAME, f16, uint16_t, tulle_from_f16(a) SIGN tulle_from_f16(b))    \
  TULLE_COMPARE(NAME, bf16, uint16_t, tulle_from_bf16(a) SIGN tulle_from_bf16(b)) \
  TULLE_COMPARE(NAME, i16, int16_t, a SIGN b)                                     \
  TULLE_COMPARE(NAME, i32, int32_t, a SIGN b)                                     \
  TULLE_COMPARE(NAME, i64, int64_t, a SIGN b)                                     \
  TULLE_COMPARE_SCALED(NAME, i8, int8_t, SIGN)                                    \
  TULLE_COMPARE_SCALED(NAME, u8, uint8_t, SIGN)                                   \
  TULLE_COMPARE_SCALED(NAME, q16, int16_t, SIGN)

TULLE_COMPARISON(tulle_ref_equal, ==)
TULLE_COMPARISON(tulle_ref_not_equal, !=)
TULLE_COMPARISON(tulle_ref_less, <)
TULLE_COMPARISON(tulle_ref_less_equal, <=)
TULLE_COMPARISON(tulle_ref_greater, >)
TULLE_COMPARISON(tulle_ref_greater_equal, >=)
#undef TULLE_COMPARISON
#undef TULLE_COMPARE_SCALED
#undef TULLE_COMPARE

#endif
