/* Sums, differences, products and quotients of two plain numbers, kept between two bounds. Integers wrap. */
#ifndef TULLE_OPS_ARITHMETIC_REF_H
#define TULLE_OPS_ARITHMETIC_REF_H

#include "ops/broadcast.ref.h"
#include "ops/half.ref.h"

/* A NaN passes between the bounds. */
#define TULLE_BOUNDS(TAG, T)                                                 \
  struct tulle_bounds_##TAG {                                                \
    T low, high;                                                             \
  };                                                                         \
  static inline T tulle_bound_##TAG(T x, struct tulle_bounds_##TAG bounds) { \
    const T y = x < bounds.low ? bounds.low : x;                             \
    return bounds.high < y ? bounds.high : y;                                \
  }
TULLE_BOUNDS(f32, float)
TULLE_BOUNDS(i16, int16_t)
TULLE_BOUNDS(i32, int32_t)
TULLE_BOUNDS(u32, uint32_t)
TULLE_BOUNDS(i64, int64_t)
#undef TULLE_BOUNDS

#define TULLE_ARITHMETIC(NAME, TAG, T, VALUE) \
  TULLE_ROW_OF_TWO(NAME##_##TAG, T, T, struct tulle_bounds_##TAG, tulle_bound_##TAG((T)(VALUE), p))

TULLE_ARITHMETIC(tulle_ref_add, f32, float, a + b)
TULLE_ARITHMETIC(tulle_ref_add, i16, int16_t, a + b)
TULLE_ARITHMETIC(tulle_ref_add, i32, int32_t, (uint32_t)a + (uint32_t)b)
TULLE_ARITHMETIC(tulle_ref_add, i64, int64_t, (uint64_t)a + (uint64_t)b)

TULLE_ARITHMETIC(tulle_ref_sub, f32, float, a - b)
TULLE_ARITHMETIC(tulle_ref_sub, i32, int32_t, (uint32_t)a - (uint32_t)b)
TULLE_ARITHMETIC(tulle_ref_sub, i64, int64_t, (uint64_t)a - (uint64_t)b)

TULLE_ARITHMETIC(tulle_ref_mul, f32, float, a* b)
TULLE_ARITHMETIC(tulle_ref_mul, i16, int16_t, a* b)
TULLE_ARITHMETIC(tulle_ref_mul, i32, int32_t, (uint32_t)a*(uint32_t)b)
TULLE_ARITHMETIC(tulle_ref_mul, u32, uint32_t, a* b)
TULLE_ARITHMETIC(tulle_ref_mul, i64, int64_t, (uint64_t)a*(uint64_t)b)

TULLE_ARITHMETIC(tulle_ref_div, f32, float, a / b)
/* b must not be 0; the lowest number divided by -1 wraps to itself. */
TULLE_ARITHMETIC(tulle_ref_div, i32, int32_t, b == -1 ? (int32_t)(0u - (uint32_t)a) : a / b)
#undef TULLE_ARITHMETIC

/* float16 through float: the exact sum or product of two halves rounds to the same half either way. What overflows, and
   infinity itself, becomes the largest finite half. */
static inline uint16_t tulle_finite_f16(float x) {
  return tulle_to_f16(x < -65504.0f ? -65504.0f : x > 65504.0f ? 65504.0f : x);
}
TULLE_ROW_OF_TWO(tulle_ref_add_f16, uint16_t, uint16_t, struct tulle_bounds_f32,
                 tulle_finite_f16(tulle_bound_f32(tulle_from_f16(a) + tulle_from_f16(b), p)))
TULLE_ROW_OF_TWO(tulle_ref_mul_f16, uint16_t, uint16_t, struct tulle_bounds_f32,
                 tulle_finite_f16(tulle_bound_f32(tulle_from_f16(a) * tulle_from_f16(b), p)))

struct tulle_c64 {
  float re, im;
};
static inline struct tulle_c64 tulle_mul_c64(struct tulle_c64 a, struct tulle_c64 b) {
  struct tulle_c64 z;
  z.re = a.re * b.re - a.im * b.im;
  z.im = a.re * b.im + a.im * b.re;
  return z;
}
TULLE_ROW_OF_TWO(tulle_ref_mul_c64, struct tulle_c64, struct tulle_c64, struct tulle_nothing, tulle_mul_c64(a, b))

#endif
