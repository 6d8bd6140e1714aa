/* Arithmetic on codes: operands are brought to a common scale, or multiplied as they are, and the result to its own.
   Factors are of scales, one over the other. */
#ifndef TULLE_OPS_QUANTIZED_ARITHMETIC_REF_H
#define TULLE_OPS_QUANTIZED_ARITHMETIC_REF_H

#include "ops/broadcast.ref.h"
#include "ops/fixed_point.ref.h"

/* The scale, zero point and bounds of results. */
struct tulle_result {
  struct tulle_factor factor;
  int32_t zero_point, low, high;
};

/* The code that stands for this many steps of the result's scale, kept between the bounds. */
static inline int32_t tulle_code_of(int32_t steps, struct tulle_result to) {
  return tulle_clamp(steps, to.low - to.zero_point, to.high - to.zero_point) + to.zero_point;
}

/* The code of x * factor. */
static inline int32_t tulle_result_of(int32_t x, struct tulle_result to) {
  return tulle_code_of(tulle_rescale(x, to.factor), to);
}

/* From the codes of one operand to those of the result. */
struct tulle_rescaling {
  int32_t zero_point;
  struct tulle_result to;
};

/* Both operands times 2^left_shift over twice the larger scale, so that their sum fits 32 bits. */
struct tulle_common_scale {
  int32_t left_shift;
  int32_t a_zero_point, b_zero_point;
  struct tulle_factor a_factor, b_factor;
  struct tulle_result to;
};

static inline int32_t tulle_common(int32_t offset, int32_t left_shift, struct tulle_factor factor) {
  return tulle_rescale(offset * (1 << left_shift), factor);
}
#define TULLE_COMMON_A tulle_common(a - p.a_zero_point, p.left_shift, p.a_factor)
#define TULLE_COMMON_B tulle_common(b - p.b_zero_point, p.left_shift, p.b_factor)

/* Products of the offsets from the zero points. */
struct tulle_offsets {
  int32_t a_zero_point, b_zero_point;
  struct tulle_result to;
};

#define TULLE_QUANTIZED(TAG, T)                                               \
  TULLE_ROW_OF_TWO(tulle_ref_add_##TAG, T, T, struct tulle_common_scale,      \
                   (T)tulle_result_of(TULLE_COMMON_A + TULLE_COMMON_B, p.to)) \
  TULLE_ROW_OF_TWO(tulle_ref_sub_##TAG, T, T, struct tulle_common_scale,      \
                   (T)tulle_result_of(TULLE_COMMON_A - TULLE_COMMON_B, p.to)) \
  TULLE_ROW_OF_TWO(tulle_ref_mul_##TAG, T, T, struct tulle_offsets,           \
                   (T)tulle_result_of((a - p.a_zero_point) * (b - p.b_zero_point), p.to))
TULLE_QUANTIZED(i8, int8_t)
TULLE_QUANTIZED(u8, uint8_t)
TULLE_QUANTIZED(q16, int16_t)
#undef TULLE_QUANTIZED

static inline int32_t tulle_square_wrapped(int32_t x) { return (int32_t)((uint32_t)x * (uint32_t)x); }
TULLE_ROW_OF_TWO(tulle_ref_squared_difference_i8, int8_t, int8_t, struct tulle_common_scale,
                 (int8_t)tulle_result_of(tulle_square_wrapped(TULLE_COMMON_A - TULLE_COMMON_B), p.to))

/* 16-bit codes whose scales are powers of two: the operand of the smaller scale is shifted right to the other's. */
struct tulle_pot_scale {
  int32_t a_shift, b_shift, low, high;
};
TULLE_ROW_OF_TWO(tulle_ref_add_pot16, int16_t, int16_t, struct tulle_pot_scale,
                 (int16_t)tulle_clamp(tulle_clamp(tulle_divide_by_pot(a, p.a_shift) + tulle_divide_by_pot(b, p.b_shift),
                                                  INT16_MIN, INT16_MAX),
                                      p.low, p.high))
TULLE_ROW_OF_TWO(tulle_ref_sub_pot16, int16_t, int16_t, struct tulle_pot_scale,
                 (int16_t)tulle_clamp(tulle_divide_by_pot(a, p.a_shift) - tulle_divide_by_pot(b, p.b_shift), p.low,
                                      p.high))

/* 16-bit fractions of one to 8 bits: a * b / 2^15, then / 2^8, rounded each time. */
static inline int32_t tulle_mul_fractions(int16_t a, int16_t b, struct tulle_result to) {
  const int32_t product = (int32_t)a * b;
  const int32_t nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
  const int32_t fraction = tulle_clamp((product + nudge) / (1 << 15), INT16_MIN, INT16_MAX);
  return tulle_code_of(tulle_divide_by_pot(fraction, 8), to);
}
TULLE_ROW_OF_TWO(tulle_ref_mul_i16_i8, int16_t, int8_t, struct tulle_result, (int8_t)tulle_mul_fractions(a, b, p))
TULLE_ROW_OF_TWO(tulle_ref_mul_i16_u8, int16_t, uint8_t, struct tulle_result, (uint8_t)tulle_mul_fractions(a, b, p))

#endif
