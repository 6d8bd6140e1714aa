/* SOFTMAX over rows: e^(beta x) over the sum of all of its row. */
#ifndef TULLE_OPS_SOFTMAX_REF_H
#define TULLE_OPS_SOFTMAX_REF_H

#include <math.h>
#include <stdint.h>

#include "ops/fixed_exp.ref.h"
#include "ops/table_i16.ref.h"

static inline void tulle_ref_softmax_f32(const float* x, int64_t rows, int32_t depth, float beta, float* y) {
  for (; rows > 0; --rows, x += depth, y += depth) {
    float most = -3.40282347e+38f, sum = 0.0f;
    for (int32_t c = 0; c < depth; ++c) most = most < x[c] ? x[c] : most;
    for (int32_t c = 0; c < depth; ++c) {
      y[c] = expf((x[c] - most) * beta);
      sum += y[c];
    }
    for (int32_t c = 0; c < depth; ++c) y[c] /= sum;
  }
}

/* e^(-i * step) for each distance i of an 8-bit code from the largest of its row, as Q0; -1 where it does not count. */
struct tulle_exp_table {
  int32_t at[256];
};

/* `to_q5` is the factor from codes to Q5. */
static inline void tulle_fill_exp_table(struct tulle_factor to_q5, struct tulle_exp_table* table) {
  const double farthest = floor(31.0 * ldexp(1.0, 26 - to_q5.shift));
  for (int32_t i = 0; i < 256; ++i) table->at[i] = i <= farthest ? tulle_exp(tulle_rescale(-i, to_q5)) : -1;
}

/* The factor to Q5 for codes of this scale times beta. */
static inline struct tulle_factor tulle_to_q5(double beta, double scale) {
  const double real = beta * scale * 67108864.0;
  return tulle_factor_from(real < 2147483647.0 ? real : 2147483647.0);
}

/* Sums of exponentials are Q12, held in 64 bits: beyond 2^31 of them, and where a probability is below half a step
   whatever the code, the quotient is taken in double. */
#define TULLE_SOFTMAX(NAME, X, Y, X_MIN, Y_MIN, Y_MAX)                                                            \
  static inline void NAME(const void* from, int64_t rows, int32_t depth, const struct tulle_exp_table* table,     \
                          void* to) {                                                                             \
    const X* x = (const X*)from;                                                                                  \
    Y* y = (Y*)to;                                                                                                \
    const int32_t y_bits = 8 * (int32_t)sizeof(Y);                                                                \
    for (; rows > 0; --rows, x += depth, y += depth) {                                                            \
      X most = X_MIN;                                                                                             \
      int64_t sum = 0;                                                                                            \
      for (int32_t c = 0; c < depth; ++c) most = most < x[c] ? x[c] : most;                                       \
      for (int32_t c = 0; c < depth; ++c)                                                                         \
        if (table->at[most - x[c]] >= 0) sum += tulle_divide_by_pot(table->at[most - x[c]], 12);                  \
      const int32_t zeros = sum > INT32_MAX ? 0 : tulle_leading_zeros((uint32_t)sum);                             \
      const int32_t shift = 12 - zeros + 31 - y_bits;                                                             \
      const int32_t in_fixed = zeros > 0 && shift >= 0 && shift <= 31;                                            \
      const int32_t over =                                                                                        \
          in_fixed ? tulle_one_over_one_plus((int32_t)(((uint32_t)sum << zeros) - (UINT32_C(1) << 31))) : 0;      \
      for (int32_t c = 0; c < depth; ++c) {                                                                       \
        const int32_t e = table->at[most - x[c]];                                                                 \
        int32_t code = 0;                                                                                         \
        if (e >= 0 && in_fixed) code = tulle_divide_by_pot(tulle_high_mul(over, e), shift);                       \
        if (e >= 0 && !in_fixed)                                                                                  \
          code = (int32_t)round((e == INT32_MAX ? 2147483648.0 : e) / 4096.0 / (double)sum * ldexp(1.0, y_bits)); \
        y[c] = (Y)tulle_clamp(code + Y_MIN, Y_MIN, Y_MAX);                                                        \
      }                                                                                                           \
    }                                                                                                             \
  }
TULLE_SOFTMAX(tulle_ref_softmax_i8_i8, int8_t, int8_t, INT8_MIN, INT8_MIN, INT8_MAX)
TULLE_SOFTMAX(tulle_ref_softmax_u8_u8, uint8_t, uint8_t, 0, 0, UINT8_MAX)
TULLE_SOFTMAX(tulle_ref_softmax_i8_i16, int8_t, int16_t, INT8_MIN, INT16_MIN, INT16_MAX)
TULLE_SOFTMAX(tulle_ref_softmax_u8_i16, uint8_t, int16_t, 0, INT16_MIN, INT16_MAX)
#undef TULLE_SOFTMAX

static inline double tulle_one_over_one_plus_f64(double x) { return 1.0 / (1.0 + x); }

/* What a 16-bit softmax needs: the factor from codes to steps of 10 / 65535, and its two tables. */
struct tulle_softmax_i16 {
  struct tulle_factor to_steps;
  struct tulle_table_i16 exp, reciprocal;
};

/* scale_beta is the input's scale times beta. */
static inline void tulle_fill_softmax_i16(float scale_beta, struct tulle_softmax_i16* by) {
  by->to_steps = tulle_factor_from(scale_beta / (10.0 / 65535.0));
  tulle_fill_table_i16(10.0 / 65535.0, 32767, 2.0 / 65535.0, 0, exp, &by->exp);
  tulle_fill_table_i16(1.0 / 65535.0, -32768, 2.0 / 65535.0, 0, tulle_one_over_one_plus_f64, &by->reciprocal);
}

static inline void tulle_ref_softmax_i16(const int16_t* x, int64_t rows, int32_t depth,
                                         const struct tulle_softmax_i16* by, int16_t* y) {
  for (; rows > 0; --rows, x += depth, y += depth) {
    int16_t most = INT16_MIN;
    int64_t sum = 0; /* of exponentials in units of 2^-15 */
    for (int32_t c = 0; c < depth; ++c) most = most < x[c] ? x[c] : most;
    for (int32_t c = 0; c < depth; ++c) {
      const int64_t steps = (int64_t)tulle_rescale(x[c] - most, by->to_steps) + 32767;
      y[c] = tulle_look_up_i16((int16_t)(steps < -32768 ? -32768 : steps > 32767 ? 32767 : steps), &by->exp);
      sum += y[c];
    }
    /* sum = 2^(16 - zeros) * (1 + f), f in [0, 1) at 16 bits; past 2^31, no probability reaches a step. */
    const int32_t zeros = sum > INT32_MAX ? 0 : tulle_leading_zeros((uint32_t)sum);
    int64_t f = zeros > 0 ? ((sum << (zeros - 1)) + (1 << 13)) >> 14 : 0;
    f = f - (1 << 15) - (1 << 16);
    const int64_t over = tulle_look_up_i16((int16_t)(f < -32768 ? -32768 : f > 32767 ? 32767 : f), &by->reciprocal);
    const int32_t shift = 31 - zeros;
    for (int32_t c = 0; c < depth; ++c) {
      const int64_t code = zeros > 0 && shift > 0 ? (y[c] * over + (INT64_C(1) << (shift - 1))) >> shift : 0;
      y[c] = (int16_t)(code < 0 ? 0 : code > 32767 ? 32767 : code);
    }
  }
}

#endif
