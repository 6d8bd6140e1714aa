/* RFFT2D: the two-dimensional discrete Fourier transform of reals, computed in double. */
#ifndef TULLE_OPS_RFFT2D_REF_H
#define TULLE_OPS_RFFT2D_REF_H

#include <math.h>
#include <stdint.h>

/* roots holds e^(2 pi i k / count) as pairs, for k < count / 2. */
static inline void tulle_fft_roots(double* roots, int32_t count) {
  for (int32_t k = 0; k < count / 2; ++k) {
    const double angle = 2.0 * 3.14159265358979323846 * k / count;
    roots[2 * k] = cos(angle);
    roots[2 * k + 1] = sin(angle);
  }
}

/* The unscaled transform with positive exponents, in place, of `count` complex numbers that lie `stride` numbers apart;
   count is a power of two. `roots` are those of root_count >= count points. */
static inline void tulle_fft(double* x, int64_t stride, int32_t count, const double* roots, int32_t root_count) {
  for (int32_t i = 1, j = 0; i < count; ++i) { /* order by reversed bits */
    int32_t bit = count >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
    if (i >= j) continue;
    for (int part = 0; part < 2; ++part) {
      const double swapped = x[2 * stride * i + part];
      x[2 * stride * i + part] = x[2 * stride * j + part];
      x[2 * stride * j + part] = swapped;
    }
  }
  for (int32_t half = 1; half < count; half *= 2)
    for (int32_t k = 0; k < half; ++k) {
      const int64_t root = (int64_t)k * (root_count / (2 * half));
      const double c = roots[2 * root], s = roots[2 * root + 1];
      for (int32_t start = k; start < count; start += 2 * half) {
        double *a = x + 2 * stride * start, *b = a + 2 * stride * half;
        /* The first root is 1: its products would be exact but for the signs of zeros. */
        const double re = k == 0 ? b[0] : c * b[0] - s * b[1], im = k == 0 ? b[1] : c * b[1] + s * b[0];
        b[0] = a[0] - re;
        b[1] = a[1] - im;
        a[0] += re;
        a[1] += im;
      }
    }
}

/* y = the first width / 2 + 1 columns of the transform of x, cut or padded with zeros to height * width (powers of
   two). Scratch: 2 * height * width and max(height, width) doubles. */
static inline void tulle_ref_rfft2d_f32(const float* x, int32_t rows, int32_t cols, float* y, int32_t height,
                                        int32_t width, double* work, double* roots) {
  const int32_t root_count = height > width ? height : width;
  tulle_fft_roots(roots, root_count);
  for (int32_t r = 0; r < height; ++r) {
    double* row = work + 2 * (int64_t)r * width;
    for (int32_t c = 0; c < width; ++c) {
      row[2 * c] = r < rows && c < cols ? (double)x[(int64_t)r * cols + c] : 0.0;
      row[2 * c + 1] = 0.0;
    }
    tulle_fft(row, 1, width, roots, root_count);
  }
  for (int32_t c = 0; c <= width / 2; ++c) {
    tulle_fft(work + 2 * c, width, height, roots, root_count);
    for (int32_t r = 0; r < height; ++r) {
      const double* from = work + 2 * ((int64_t)r * width + c);
      float* to = y + 2 * ((int64_t)r * (width / 2 + 1) + c);
      /* The transform has negative exponents: conjugate, which makes a zero -0 as the reference does. */
      to[0] = (float)from[0];
      to[1] = (float)-from[1];
    }
  }
}

#endif
