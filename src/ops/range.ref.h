/* RANGE: numbers from a start in equal steps, each the sum of the one before and the step. */
#ifndef TULLE_OPS_RANGE_REF_H
#define TULLE_OPS_RANGE_REF_H

#include <math.h>
#include <stdint.h>

static inline void tulle_ref_range_f32(float start, float step, float* y, int64_t count) {
  float value = start;
  for (int64_t i = 0; i < count; ++i, value += step) y[i] = value;
}

/* Integers wrap around. */
#define TULLE_REF_RANGE(name, type)                                                          \
  static inline void tulle_ref_range_##name(type start, type step, type* y, int64_t count) { \
    uint64_t value = (uint64_t)start;                                                        \
    for (int64_t i = 0; i < count; ++i, value += (uint64_t)step) y[i] = (type)value;         \
  }
TULLE_REF_RANGE(i8, int8_t)
TULLE_REF_RANGE(i16, int16_t)
TULLE_REF_RANGE(i32, int32_t)
TULLE_REF_RANGE(i64, int64_t)

/* Reals added up in float32, as codes of a quantised type from low to high. */
#define TULLE_REF_RANGE_CODES(name, type, low, high)                                                                 \
  static inline void tulle_ref_range_codes_##name(float start, float step, float scale, int32_t zero_point, type* y, \
                                                  int64_t count) {                                                   \
    float value = start;                                                                                             \
    for (int64_t i = 0; i < count; ++i, value += step) {                                                             \
      const float code = roundf(value / scale) + (float)zero_point;                                                  \
      y[i] = code >= (float)(high) ? (high) : code > (float)(low) ? (type)code : (low);                              \
    }                                                                                                                \
  }
TULLE_REF_RANGE_CODES(i8, int8_t, INT8_MIN, INT8_MAX)
TULLE_REF_RANGE_CODES(i16, int16_t, INT16_MIN, INT16_MAX)

#endif
