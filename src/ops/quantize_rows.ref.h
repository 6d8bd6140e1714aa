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

/* The least and the largest of 0 and the elements that are numbers. */
static inline void tulle_row_range(const float* x, int32_t count, float* low, float* high) {
  float least = 0.0f, most = 0.0f;
  for (int32_t i = 0; i < count; ++i) {
    least = x[i] < least ? x[i] : least;
    most = x[i] > most ? x[i] : most;
  }
  *low = least;
  *high = most;
}

/* How a row of a range becomes codes: by `inverse`, from `least` on. */
struct tulle_row_codes {
  struct tulle_row_scale row;
  float inverse, least;
};

/* The largest magnitude becomes 127; zero point 0. */
static inline struct tulle_row_codes tulle_row_codes_symmetric(float low, float high) {
  struct tulle_row_codes codes = {{1.0f, 0}, 0.0f, -127.0f};
  const float range = -low > high ? -low : high;
  if (range == 0.0f) return codes;
  codes.row.scale = range / 127.0f;
  codes.inverse = 127.0f / range;
  return codes;
}

/* The range of the row, stretched to hold 0, becomes -128 … 127; 0 keeps a code of its own. */
static inline struct tulle_row_codes tulle_row_codes_of(float low, float high) {
  struct tulle_row_codes codes = {{1.0f, 0}, 0.0f, -128.0f};
  if (low == high) return codes;
  const float range = high - low;
  const double scale = range / 255.0;
  const double from_low = -128.0 - low / scale, from_high = 127.0 - high / scale;
  const double exact = 128.0 + fabs(low / scale) < 127.0 + fabs(high / scale) ? from_low : from_high;
  codes.row.scale = (float)scale;
  codes.row.zero_point = exact > -128.0 ? exact < 127.0 ? (int32_t)round(exact) : 127 : -128;
  if (codes.row.scale != 0.0f) codes.inverse = 1.0f / codes.row.scale;
  return codes;
}

static inline struct tulle_row_scale tulle_quantize_row_symmetric(const float* x, int32_t count, int8_t* q) {
  float low, high;
  tulle_row_range(x, count, &low, &high);
  const struct tulle_row_codes codes = tulle_row_codes_symmetric(low, high);
  tulle_quantize_codes(x, count, codes.inverse, 0, codes.least, q);
  return codes.row;
}

static inline struct tulle_row_scale tulle_quantize_row(const float* x, int32_t count, int8_t* q) {
  float low, high;
  tulle_row_range(x, count, &low, &high);
  const struct tulle_row_codes codes = tulle_row_codes_of(low, high);
  tulle_quantize_codes(x, count, codes.inverse, codes.row.zero_point, codes.least, q);
  return codes.row;
}

#endif
