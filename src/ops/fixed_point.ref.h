/* Fixed-point arithmetic of quantised operators: a real factor as a 31-bit multiplier and a power of two. */
#ifndef TULLE_OPS_FIXED_POINT_REF_H
#define TULLE_OPS_FIXED_POINT_REF_H

#include <math.h>
#include <stdint.h>

/* The real factor multiplier * 2^(shift - 31); multiplier is 0 or in [2^30, 2^31). */
struct tulle_factor {
  int32_t multiplier;
  int32_t shift;
};

/* The factor nearest to a real in [0, 2^31). Reals too small for a shift of -31 become 0; too large ones saturate. */
static inline struct tulle_factor tulle_factor_from(double real) {
  struct tulle_factor factor = {0, 0};
  if (!(real > 0.0)) return factor;
  if (real > 2147483648.0) real = 2147483648.0; /* infinity, too */
  int exponent;
  int64_t q = (int64_t)round(frexp(real, &exponent) * 2147483648.0);
  if (q == INT64_C(2147483648)) {
    q /= 2;
    ++exponent;
  }
  if (exponent < -31) return factor;
  if (exponent > 30) {
    exponent = 30;
    q = INT32_MAX;
  }
  factor.multiplier = (int32_t)q;
  factor.shift = exponent;
  return factor;
}

/* round(a * b / 2^31), ties up; saturates the one product that does not fit. */
static inline int32_t tulle_high_mul(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

/* round(x / 2^exponent), ties away from zero; exponent in 0..31. */
static inline int32_t tulle_divide_by_pot(int32_t x, int32_t exponent) {
  const int32_t mask = (int32_t)((INT64_C(1) << exponent) - 1);
  const int32_t remainder = x & mask;
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/* x * factor, rounded twice (after the multiplication and after the shift), as TensorFlow Lite's reference does.
   The left shift wraps, as it does there. */
static inline int32_t tulle_rescale(int32_t x, struct tulle_factor factor) {
  const int32_t left = factor.shift > 0 ? factor.shift : 0;
  const int32_t right = factor.shift > 0 ? 0 : -factor.shift;
  return tulle_divide_by_pot(tulle_high_mul((int32_t)((uint32_t)x << left), factor.multiplier), right);
}

/* x * factor for a 48-bit accumulator (16-bit activations): the multiplier is cut to 16 bits, one rounding. */
static inline int32_t tulle_rescale64(int64_t x, struct tulle_factor factor) {
  const int64_t multiplier =
      factor.multiplier < 0x7FFF0000 ? (factor.multiplier + (INT64_C(1) << 15)) >> 16 : INT64_C(0x7FFF);
  const int32_t shift = 15 - factor.shift;
  const uint64_t sum = (uint64_t)x * (uint64_t)multiplier + (UINT64_C(1) << (shift - 1));
  return (int32_t)((int64_t)sum >> shift);
}

static inline int32_t tulle_clamp(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }

#endif
