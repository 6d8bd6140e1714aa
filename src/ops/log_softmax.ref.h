/* LOG_SOFTMAX over rows: x - log(sum of e^x). */
#ifndef TULLE_OPS_LOG_SOFTMAX_REF_H
#define TULLE_OPS_LOG_SOFTMAX_REF_H

#include <math.h>
#include <stdint.h>

#include "ops/fixed_exp.ref.h"

static inline void tulle_ref_log_softmax_f32(const float* x, int64_t rows, int32_t depth, float* y) {
  for (; rows > 0; --rows, x += depth, y += depth) {
    float most = -3.40282347e+38f, sum = 0.0f;
    for (int32_t c = 0; c < depth; ++c) most = most < x[c] ? x[c] : most;
    for (int32_t c = 0; c < depth; ++c) sum += expf(x[c] - most);
    const float log_sum = logf(sum);
    for (int32_t c = 0; c < depth; ++c) y[c] = x[c] - most - log_sum;
  }
}

/* Factors between codes and Q5, and the farthest distance from the largest code of a row that counts. */
struct tulle_log_softmax {
  struct tulle_factor to_q5, from_q5;
  int32_t farthest;
};

static inline struct tulle_log_softmax tulle_log_softmax_from(double scale) {
  const double real = scale * 67108864.0;
  struct tulle_log_softmax by;
  by.to_q5 = tulle_factor_from(real < 2147483647.0 ? real : 2147483647.0);
  by.from_q5 = tulle_factor_from(by.to_q5.multiplier == 0 ? 2147483647.0
                                                          : ldexp(1.0, 31 - by.to_q5.shift) / by.to_q5.multiplier);
  const double farthest = floor(31.0 * ldexp(1.0, 26 - by.to_q5.shift));
  by.farthest = farthest < 1000.0 ? (int32_t)farthest : 1000;
  return by;
}

/* Outputs count in 1/16 down from the highest code. Sums past Q12 take their logarithm in double. */
#define TULLE_LOG_SOFTMAX(NAME, T, LOW, HIGH)                                                                    \
  static inline void NAME(const T* x, int64_t rows, int32_t depth, const struct tulle_log_softmax* by, T* y) {   \
    for (; rows > 0; --rows, x += depth, y += depth) {                                                           \
      T most = LOW;                                                                                              \
      int64_t sum = 0;                                                                                           \
      for (int32_t c = 0; c < depth; ++c) most = most < x[c] ? x[c] : most;                                      \
      for (int32_t c = 0; c < depth; ++c)                                                                        \
        if (most - x[c] <= by->farthest)                                                                         \
          sum += tulle_divide_by_pot(tulle_exp(tulle_rescale(x[c] - most, by->to_q5)), 12);                      \
      const int32_t log_sum =                                                                                    \
          sum <= INT32_MAX ? tulle_log((int32_t)sum) : (int32_t)round(log((double)sum / 524288.0) * 67108864.0); \
      /* x - most - log_sum must not fall below the lowest Q5 code. */                                           \
      const int32_t lowest = tulle_rescale(tulle_wrap_add(log_sum, INT32_MIN), by->from_q5);                     \
      const int32_t floor_code = lowest > -by->farthest - 1 ? lowest : -by->farthest - 1;                        \
      for (int32_t c = 0; c < depth; ++c) {                                                                      \
        const int32_t q5 = tulle_wrap_sub(tulle_rescale(x[c] - most, by->to_q5), log_sum);                       \
        const int32_t code = tulle_divide_by_pot(q5, 22) + HIGH;                                                 \
        y[c] = (T)(x[c] - most > floor_code ? tulle_clamp(code, LOW, HIGH) : LOW);                               \
      }                                                                                                          \
    }                                                                                                            \
  }
TULLE_LOG_SOFTMAX(tulle_ref_log_softmax_i8, int8_t, INT8_MIN, INT8_MAX)
TULLE_LOG_SOFTMAX(tulle_ref_log_softmax_u8, uint8_t, 0, UINT8_MAX)
#undef TULLE_LOG_SOFTMAX

#endif
