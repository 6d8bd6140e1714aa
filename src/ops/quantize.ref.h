/* QUANTIZE and DEQUANTIZE: between reals and codes, and between codes of different scales. */
#ifndef TULLE_OPS_QUANTIZE_REF_H
#define TULLE_OPS_QUANTIZE_REF_H

#include <math.h>
#include <stdint.h>

#include "ops/fixed_point.ref.h"

/* Elements [outer][channels][inner] with a scale and a zero point for each channel; one channel: the whole tensor. */
struct tulle_channels {
  int64_t outer, channels, inner;
  const float* scales;
  const int32_t* zero_points;
};

/* To nearest, ties away from zero; unlike roundf, compilers know it on vectors. */
static inline float tulle_nearest(float x) {
  const float cut = truncf(x);
  return cut + (fabsf(x - cut) >= 0.5f ? copysignf(1.0f, x) : 0.0f);
}

/* y = round(x / scale) + zero point, ties away from zero, clamped; NaN becomes the lowest code. The bounds come first:
   they are integers that float32 holds, and what is between them is one that int32 holds. Bytes may alias anything, so
   what the loop reads besides x is copied. */
#define TULLE_QUANTIZE(NAME, T, LOW, HIGH)                                            \
  static inline void NAME(const float* x, const struct tulle_channels* by, T* y) {    \
    const int64_t inner = by->inner, rows = by->outer * by->channels;                 \
    for (int64_t i = 0; i < rows; ++i, x += inner, y += inner) {                      \
      const float scale = by->scales[i % by->channels];                               \
      const int32_t zero_point = by->zero_points[i % by->channels];                   \
      const float low = (float)(LOW - zero_point), high = (float)(HIGH - zero_point); \
      for (int64_t j = 0; j < inner; ++j) {                                           \
        const float steps = tulle_nearest(x[j] / scale);                              \
        const float most = steps < high ? steps : high;                               \
        y[j] = (T)((int32_t)(steps > low ? most : low) + zero_point);                 \
      }                                                                               \
    }                                                                                 \
  }
TULLE_QUANTIZE(tulle_ref_quantize_i4, int8_t, -8, 7)
TULLE_QUANTIZE(tulle_ref_quantize_i8, int8_t, INT8_MIN, INT8_MAX)
TULLE_QUANTIZE(tulle_ref_quantize_u8, uint8_t, 0, UINT8_MAX)
TULLE_QUANTIZE(tulle_ref_quantize_i16, int16_t, INT16_MIN, INT16_MAX)
#undef TULLE_QUANTIZE

/* y = scale * (x - zero point). */
#define TULLE_DEQUANTIZE(NAME, T)                                                  \
  static inline void NAME(const T* x, const struct tulle_channels* by, float* y) { \
    for (int64_t i = 0; i < by->outer * by->channels; ++i) {                       \
      const float scale = by->scales[i % by->channels];                            \
      const int32_t zero_point = by->zero_points[i % by->channels];                \
      for (int64_t j = i * by->inner; j < (i + 1) * by->inner; ++j)                \
        y[j] = scale * (float)((int32_t)x[j] - zero_point);                        \
    }                                                                              \
  }
TULLE_DEQUANTIZE(tulle_ref_dequantize_i8, int8_t)
TULLE_DEQUANTIZE(tulle_ref_dequantize_u8, uint8_t)
TULLE_DEQUANTIZE(tulle_ref_dequantize_i16, int16_t)
TULLE_DEQUANTIZE(tulle_ref_dequantize_u16, uint16_t)
#undef TULLE_DEQUANTIZE

/* From codes to codes: `factor` is the input's scale over the output's. */
struct tulle_requantize {
  struct tulle_factor factor;
  int32_t x_zero, y_zero;
};

#define TULLE_REQUANTIZE(NAME, X, Y, LOW, HIGH)                                                           \
  static inline void NAME(const void* from, int64_t count, const struct tulle_requantize* by, void* to) { \
    const X* x = (const X*)from;                                                                          \
    Y* y = (Y*)to;                                                                                        \
    for (int64_t i = 0; i < count; ++i) {                                                                 \
      const int32_t real = (int32_t)((uint32_t)x[i] - (uint32_t)by->x_zero);                              \
      const int64_t code = (int64_t)tulle_rescale(real, by->factor) + by->y_zero;                         \
      y[i] = (Y)(code < LOW ? LOW : code > HIGH ? HIGH : code);                                           \
    }                                                                                                     \
  }
TULLE_REQUANTIZE(tulle_ref_requantize_i8_i8, int8_t, int8_t, INT8_MIN, INT8_MAX)
TULLE_REQUANTIZE(tulle_ref_requantize_i8_u8, int8_t, uint8_t, 0, UINT8_MAX)
TULLE_REQUANTIZE(tulle_ref_requantize_i8_i16, int8_t, int16_t, INT16_MIN, INT16_MAX)
TULLE_REQUANTIZE(tulle_ref_requantize_u8_i8, uint8_t, int8_t, INT8_MIN, INT8_MAX)
TULLE_REQUANTIZE(tulle_ref_requantize_u8_u8, uint8_t, uint8_t, 0, UINT8_MAX)
TULLE_REQUANTIZE(tulle_ref_requantize_u8_i16, uint8_t, int16_t, INT16_MIN, INT16_MAX)
TULLE_REQUANTIZE(tulle_ref_requantize_i16_i8, int16_t, int8_t, INT8_MIN, INT8_MAX)
TULLE_REQUANTIZE(tulle_ref_requantize_i16_i16, int16_t, int16_t, INT16_MIN, INT16_MAX)
TULLE_REQUANTIZE(tulle_ref_requantize_i16_i32, int16_t, int32_t, INT32_MIN, INT32_MAX)
TULLE_REQUANTIZE(tulle_ref_requantize_i32_i8, int32_t, int8_t, INT8_MIN, INT8_MAX)
TULLE_REQUANTIZE(tulle_ref_requantize_i32_i16, int32_t, int16_t, INT16_MIN, INT16_MAX)
#undef TULLE_REQUANTIZE

#endif
