/* Parts and magnitudes of complex numbers, which lie as pairs (real, imaginary). */
#ifndef TULLE_OPS_COMPLEX_REF_H
#define TULLE_OPS_COMPLEX_REF_H

#include <math.h>
#include <stdint.h>

static inline void tulle_ref_real_c64(const float* x, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[2 * i];
}
static inline void tulle_ref_real_c128(const double* x, double* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[2 * i];
}
static inline void tulle_ref_imag_c64(const float* x, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[2 * i + 1];
}
static inline void tulle_ref_imag_c128(const double* x, double* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[2 * i + 1];
}
static inline void tulle_ref_complex_abs_c64(const float* x, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = hypotf(x[2 * i], x[2 * i + 1]);
}
static inline void tulle_ref_complex_abs_c128(const double* x, double* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = hypot(x[2 * i], x[2 * i + 1]);
}

#endif
