/* From the sums of products of one row of channels to its outputs: bias, scale, bounds. `bias` may be null. */
#ifndef TULLE_OPS_CODES_REF_H
#define TULLE_OPS_CODES_REF_H

#include <stdint.h>

#include "ops/fixed_point.ref.h"

/* How sums become codes of at most 16 bits: each channel's factor, then the zero point, then the bounds. */
struct tulle_codes {
  const struct tulle_factor* factors;
  int32_t zero_point, low, high;
};

static inline int32_t tulle_code(int32_t scaled, const struct tulle_codes* to) {
  const int32_t low = to->low - to->zero_point, high = to->high - to->zero_point;
  const int32_t below = scaled < high ? scaled : high;
  return (below > low ? below : low) + to->zero_point;
}

/* 32-bit sums, which wrap. */
#define TULLE_CODES(NAME, OUT)                                                                                    \
  static inline void NAME(const uint32_t* sums, const int32_t* bias, int32_t count, const struct tulle_codes* to, \
                          OUT* out) {                                                                             \
    for (int32_t c = 0; c < count; ++c) {                                                                         \
      const int32_t sum = (int32_t)(sums[c] + (bias ? (uint32_t)bias[c] : 0));                                    \
      out[c] = (OUT)tulle_code(tulle_rescale(sum, to->factors[c]), to);                                           \
    }                                                                                                             \
  }
TULLE_CODES(tulle_codes_i8, int8_t)
TULLE_CODES(tulle_codes_u8, uint8_t)
TULLE_CODES(tulle_codes_i16, int16_t)
#undef TULLE_CODES

/* 64-bit sums of 16-bit activations. Factors must be below 2^14. */
#define TULLE_CODES_WIDE(NAME, BIAS)                                                                          \
  static inline void NAME(const int64_t* sums, const BIAS* bias, int32_t count, const struct tulle_codes* to, \
                          int16_t* out) {                                                                     \
    for (int32_t c = 0; c < count; ++c) {                                                                     \
      const int64_t sum = (int64_t)((uint64_t)sums[c] + (bias ? (uint64_t)bias[c] : 0));                      \
      out[c] = (int16_t)tulle_code(tulle_rescale64(sum, to->factors[c]), to);                                 \
    }                                                                                                         \
  }
TULLE_CODES_WIDE(tulle_codes_i16_wide, int64_t)
TULLE_CODES_WIDE(tulle_codes_i16_wide_bias32, int32_t)
#undef TULLE_CODES_WIDE

/* 16-bit activations with a 32-bit bias: the sum wraps to 32 bits and is rescaled as such. */
static inline void tulle_codes_i16_narrow(const int64_t* sums, const int32_t* bias, int32_t count,
                                          const struct tulle_codes* to, int16_t* out) {
  for (int32_t c = 0; c < count; ++c) {
    const int32_t sum = (int32_t)((uint32_t)sums[c] + (bias ? (uint32_t)bias[c] : 0));
    out[c] = (int16_t)tulle_code(tulle_rescale(sum, to->factors[c]), to);
  }
}

/* The same in double: one product, one rounding. */
struct tulle_rounding {
  const double* factors;
  int32_t zero_point, low, high;
};

#define TULLE_ROUNDED(NAME, SUM, WRAP, INT, BIAS, OUT)                                                       \
  static inline void NAME(const SUM* sums, const BIAS* bias, int32_t count, const struct tulle_rounding* to, \
                          OUT* out) {                                                                        \
    for (int32_t c = 0; c < count; ++c) {                                                                    \
      const INT sum = (INT)((WRAP)sums[c] + (bias ? (WRAP)bias[c] : 0));                                     \
      const double code = round((double)sum * to->factors[c]) + to->zero_point;                              \
      out[c] = (OUT)(code < to->low ? to->low : code > to->high ? to->high : (int32_t)code);                 \
    }                                                                                                        \
  }
TULLE_ROUNDED(tulle_rounded_i8, uint32_t, uint32_t, int32_t, int32_t, int8_t)
TULLE_ROUNDED(tulle_rounded_u8, uint32_t, uint32_t, int32_t, int32_t, uint8_t)
TULLE_ROUNDED(tulle_rounded_i16, uint32_t, uint32_t, int32_t, int32_t, int16_t)
TULLE_ROUNDED(tulle_rounded_i16_wide, int64_t, uint64_t, int64_t, int64_t, int16_t)
TULLE_ROUNDED(tulle_rounded_i16_narrow, int64_t, uint32_t, int32_t, int32_t, int16_t)
#undef TULLE_ROUNDED

struct tulle_range_f32 {
  float low, high;
};

static inline float tulle_clamp_f32(float x, struct tulle_range_f32 range) {
  x = x < range.low ? range.low : x;
  return range.high < x ? range.high : x;
}

static inline void tulle_reals(const float* sums, const float* bias, int32_t count, struct tulle_range_f32 range,
                               float* out) {
  for (int32_t c = 0; c < count; ++c) out[c] = tulle_clamp_f32(sums[c] + (bias ? bias[c] : 0.0f), range);
}

/* Sums of integers that stand for reals: weights by their channel's scale, activations by x_scale. Either the scales
   are multiplied first, or the sum meets one after the other: the last bit depends on it, and the next layer's codes on
   that. */
static inline void tulle_scaled_reals(const uint32_t* sums, const float* bias, const float* scales, float x_scale,
                                      int32_t in_turn, int32_t count, struct tulle_range_f32 range, float* out) {
  for (int32_t c = 0; c < count; ++c) {
    const float sum = (float)(int32_t)sums[c];
    const float real = in_turn ? sum * scales[c] * x_scale : sum * (x_scale * scales[c]);
    out[c] = tulle_clamp_f32(real + (bias ? bias[c] : 0.0f), range);
  }
}

#endif
