/* Dynamic-range quantisation: rows of reals to int8, each row with a scale of its own. */
#ifndef TULLE_OPS_QUANTIZE_ROWS_REF_H
#define TULLE_OPS_QUANTIZE_ROWS_REF_H

#include <math.h>
#include <stdint.h>

struct tulle_row_scale {
  float scale;
  int32_t zero_point;
};

/* q = round(x * inverse) + zero point, from low to 127; NaN becomes low. The oracle rounds by adding a half and
   cutting, eight elements at a time, and what is left over exactly: they part just below a half. */
static inline void tulle_quantize_codes(const float* x, int32_t count, float inverse, int32_t zero_point, float low,
                                        int8_t* q) {
  for (int32_t i = 0; i < count; ++i) {
    const float real = x[i] * inverse;
    const float rounded = i < count / 8 * 8 ? truncf(real + copysignf(0.5f, real)) : roundf(real);
    const float code = rounded + (float)zero_point;
    q[i] = (int8_t)(code >= 127.0f ? 127.0f : code > low ? code : low);
  }
}

/* The largest magnitude becomes 127; zero point 0. */
static inline struct tulle_row_scale tulle_quantize_row_symmetric(const float* x, int32_t count, int8_t* q) {
  struct tulle_row_scale row = {1.0f, 0};
  float range = 0.0f;
  for (int32_t i = 0; i < count; ++i) range = fabsf(x[i]) > range ? fabsf(x[i]) : range;
  const float inverse = range == 0.0f ? 0.0f : 127.0f / range;
  if (range != 0.0f) row.scale = range / 127.0f;
  tulle_quantize_codes(x, count, inverse, 0, -127.0f, q);
  return row;
}

/* The range of the row, stretched to hold 0, becomes -128 … 127; 0 keeps a code of its own. */
static inline struct tulle_row_scale tulle_quantize_row(const float* x, int32_t count, int8_t* q) {
  struct tulle_row_scale row = {1.0f, 0};
  float low = 0.0f, high = 0.0f;
  for (int32_t i = 0; i < count; ++i) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  if (low != high) {
    const float range = high - low;
    const double scale = range / 255.0;
    const double from_low = -128.0 - low / scale, from_high = 127.0 - high / scale;
    const double exact = 128.0 + fabs(low / scale) < 127.0 + fabs(high / scale) ? from_low : from_high;
    row.scale = (float)scale;
    row.zero_point = exact > -128.0 ? exact < 127.0 ? (int32_t)round(exact) : 127 : -128;
  }
  const float inverse = low != high && row.scale != 0.0f ? 1.0f / row.scale : 0.0f;
  tulle_quantize_codes(x, count, inverse, row.zero_point, -128.0f, q);
  return row;
}

#endif
