/* From sums to means and sums of codes. */
#ifndef TULLE_OPS_MEAN_REF_H
#define TULLE_OPS_MEAN_REF_H

#include "ops/quantized_arithmetic.ref.h"

/* sums[i] / terms, into the same array or another; integers are cut towards zero. */
static inline void tulle_ref_mean_f32(const float* sums, int64_t terms, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = sums[i] / (float)terms;
}
static inline void tulle_ref_mean_i32(const int64_t* sums, int64_t terms, int32_t* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = (int32_t)(sums[i] / terms);
}
static inline void tulle_ref_mean_i64(const int64_t* sums, int64_t terms, int64_t* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = sums[i] / terms;
}

/* The factor over the number of terms, with as many bits as its shift leaves room for. */
static inline struct tulle_factor tulle_mean_factor(struct tulle_factor factor, int64_t terms) {
  int32_t shift = 0;
  while (shift < 32 && terms >> (shift + 1) != 0) ++shift;
  if (shift > 31 + factor.shift) shift = 31 + factor.shift;
  factor.multiplier = (int32_t)(((int64_t)factor.multiplier << shift) / terms);
  factor.shift -= shift;
  return factor;
}

/* Codes from sums of codes, which wrap; `zeros` is the sum of as many zero points. */
#define TULLE_CODES_OF_SUMS(TAG, T)                                                                                   \
  static inline void tulle_ref_codes_of_sums_##TAG(const uint32_t* sums, int64_t zeros, struct tulle_result to, T* y, \
                                                   int32_t count) {                                                   \
    for (int32_t i = 0; i < count; ++i) y[i] = (T)tulle_result_of((int32_t)(sums[i] - (uint32_t)zeros), to);          \
  }
TULLE_CODES_OF_SUMS(i8, int8_t)
TULLE_CODES_OF_SUMS(u8, uint8_t)
TULLE_CODES_OF_SUMS(i16, int16_t)
#undef TULLE_CODES_OF_SUMS

#endif
