/* Dynamic-range quantisation: a row of reals as int8 codes, chosen anew at each run from the row itself. */
#ifndef TULLE_OPS_HYBRID_REF_H
#define TULLE_OPS_HYBRID_REF_H

#include <math.h>
#include <stdint.h>

/* real = scale * (code - zero_point) */
struct tulle_row_scale {
  float scale;
  int32_t zero_point;
};

/* Rounds half away from zero, saturates, and gives 0 for NaN. */
static inline int8_t tulle_round_code(float x, float low) {
  const float r = roundf(x);
  return (int8_t)(r >= 127.0f ? 127.0f : r >= low ? r : r < low ? low : 0.0f);
}

static inline void tulle_row_range(const float* x, int32_t count, float* low, float* high) {
  float min = 0.0f, max = 0.0f;
  for (int32_t i = 0; i < count; ++i) {
    if (i == 0 || x[i] < min) min = x[i];
    if (i == 0 || x[i] > max) max = x[i];
  }
  *low = min;
  *high = max;
}

/* Codes in -127..127 with zero point 0. */
static inline struct tulle_row_scale tulle_ref_quantize_row_symmetric(const float* x, int8_t* codes, int32_t count) {
  struct tulle_row_scale row = {1.0f, 0};
  float low, high;
  tulle_row_range(x, count, &low, &high);
  const float range = fabsf(low) > fabsf(high) ? fabsf(low) : fabsf(high);
  const float inverse = range == 0.0f ? 0.0f : 127.0f / range;
  if (range != 0.0f) row.scale = range / 127.0f;
  for (int32_t i = 0; i < count; ++i) codes[i] = range == 0.0f ? 0 : tulle_round_code(x[i] * inverse, -127.0f);
  return row;
}

/* Codes in -128..127; the range is widened to hold 0, and the zero point is nudged to a code. */
static inline struct tulle_row_scale tulle_ref_quantize_row_asymmetric(const float* x, int8_t* codes, int32_t count) {
  struct tulle_row_scale row = {1.0f, 0};
  float lowest, highest;
  tulle_row_range(x, count, &lowest, &highest);
  const double low = lowest < 0.0f ? (double)lowest : 0.0, high = highest > 0.0f ? (double)highest : 0.0;
  if (low == high) {
    for (int32_t i = 0; i < count; ++i) codes[i] = 0;
    return row;
  }
  const double scale = (high - low) / 255.0;
  /* Of the two ends, the one with the smaller rounding error decides. */
  const double from_low = -128.0 - low / scale, from_high = 127.0 - high / scale;
  const double zero_point = 128.0 + fabs(low / scale) < 127.0 + fabs(high / scale) ? from_low : from_high;
  row.zero_point = zero_point >= 127.0 ? 127 : zero_point > -128.0 ? (int32_t)round(zero_point) : -128;
  row.scale = (float)scale;
  const float inverse = 1.0f / row.scale;
  for (int32_t i = 0; i < count; ++i) codes[i] = tulle_round_code((float)row.zero_point + x[i] * inverse, -128.0f);
  return row;
}

#endif
