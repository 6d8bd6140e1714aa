/* Conversions between types of numbers, by way of the widest of their kind: int64 for integers, double for the others.
 */
#ifndef TULLE_OPS_CAST_REF_H
#define TULLE_OPS_CAST_REF_H

#include "ops/half.ref.h"

/* Widens count elements from x on; narrows them from either kind. */
typedef void (*tulle_widen_integers)(const void* x, int64_t* wide, int32_t count);
typedef void (*tulle_widen_reals)(const void* x, double* wide, int32_t count);
typedef void (*tulle_narrow_integers)(const int64_t* wide, void* y, int32_t count);
typedef void (*tulle_narrow_reals)(const double* wide, void* y, int32_t count);

#define TULLE_WIDEN(NAME, X, WIDE, VALUE)                              \
  static inline void NAME(const void* x_, WIDE* wide, int32_t count) { \
    const X* const x = (const X*)x_;                                   \
    for (int32_t i = 0; i < count; ++i) wide[i] = VALUE;               \
  }
#define TULLE_NARROW(NAME, WIDE, Y, ASSIGNMENT)                        \
  static inline void NAME(const WIDE* wide, void* y_, int32_t count) { \
    Y* const y = (Y*)y_;                                               \
    for (int32_t i = 0; i < count; ++i) {                              \
      const WIDE v = wide[i];                                          \
      ASSIGNMENT;                                                      \
    }                                                                  \
  }

/* What a real becomes among the integers from low to high: cut towards zero, the nearer end beyond them, high for NaN.
   `above` is the first double past high. */
static inline int64_t tulle_integer_of(double v, int64_t low, int64_t high, double above) {
  if (!(v < above)) return high;
  return v <= (double)low ? low : (int64_t)v;
}

/* Integers are cut to their low bits. */
#define TULLE_CAST_INTEGER(TAG, T, LOW, HIGH, ABOVE)                     \
  TULLE_WIDEN(tulle_ref_widen_##TAG, T, int64_t, x[i])                   \
  TULLE_NARROW(tulle_ref_narrow_integers_##TAG, int64_t, T, y[i] = (T)v) \
  TULLE_NARROW(tulle_ref_narrow_reals_##TAG, double, T, y[i] = (T)tulle_integer_of(v, LOW, HIGH, ABOVE))
TULLE_CAST_INTEGER(i8, int8_t, INT8_MIN, INT8_MAX, 0x1p7)
TULLE_CAST_INTEGER(u8, uint8_t, 0, UINT8_MAX, 0x1p8)
TULLE_CAST_INTEGER(i16, int16_t, INT16_MIN, INT16_MAX, 0x1p15)
TULLE_CAST_INTEGER(u16, uint16_t, 0, UINT16_MAX, 0x1p16)
TULLE_CAST_INTEGER(i32, int32_t, INT32_MIN, INT32_MAX, 0x1p31)
TULLE_CAST_INTEGER(u32, uint32_t, 0, UINT32_MAX, 0x1p32)
TULLE_CAST_INTEGER(i64, int64_t, INT64_MIN, INT64_MAX, 0x1p63)
#undef TULLE_CAST_INTEGER

TULLE_WIDEN(tulle_ref_widen_bool, uint8_t, int64_t, x[i] != 0)
TULLE_NARROW(tulle_ref_narrow_integers_bool, int64_t, uint8_t, y[i] = v != 0)
TULLE_NARROW(tulle_ref_narrow_reals_bool, double, uint8_t, y[i] = v != 0)

#define TULLE_CAST_REAL(TAG, T, FROM, TO)                                 \
  TULLE_WIDEN(tulle_ref_widen_##TAG, T, double, FROM(x[i]))               \
  TULLE_NARROW(tulle_ref_narrow_integers_##TAG, int64_t, T, y[i] = TO(v)) \
  TULLE_NARROW(tulle_ref_narrow_reals_##TAG, double, T, y[i] = TO(v))
TULLE_CAST_REAL(f64, double, , (double))
TULLE_CAST_REAL(f32, float, , (float))
TULLE_CAST_REAL(f16, uint16_t, tulle_from_f16, tulle_to_f16)
TULLE_CAST_REAL(bf16, uint16_t, tulle_from_bf16, tulle_to_bf16)
#undef TULLE_CAST_REAL

/* Complex numbers lose their imaginary part, or have none. */
TULLE_WIDEN(tulle_ref_widen_c64, float, double, x[2 * i])
TULLE_NARROW(tulle_ref_narrow_integers_c64, int64_t, float, (y[2 * i] = (float)v, y[2 * i + 1] = 0.0f))
TULLE_NARROW(tulle_ref_narrow_reals_c64, double, float, (y[2 * i] = (float)v, y[2 * i + 1] = 0.0f))

#undef TULLE_WIDEN
#undef TULLE_NARROW

#endif
