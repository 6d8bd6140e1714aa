/* What recurrent layers are made of: matrices of reals or of int8 codes that add their product with a vector, and
   activations in place. */
#ifndef TULLE_OPS_RECURRENT_REF_H
#define TULLE_OPS_RECURRENT_REF_H

#include <math.h>
#include <stdint.h>

#include "ops/quantize_rows.ref.h"

/* rows * cols numbers: reals, or codes that stand for scale * code. Absent where both are null. A diagonal matrix holds
   only its diagonal of `rows` numbers. */
struct tulle_matrix {
  const float* reals;
  const int8_t* codes;
  float scale;
  const int32_t* row_sums; /* of the codes; needed where vectors have zero points */
  int32_t rows, cols;
  int32_t diagonal;
};

/* Reals, and the same as codes where matrices of codes are to read them. */
struct tulle_vector {
  const float* reals;
  const int8_t* codes;
  struct tulle_row_scale row;
};

enum tulle_vector_codes { TULLE_REALS, TULLE_SYMMETRIC, TULLE_ASYMMETRIC };

static inline struct tulle_vector tulle_ref_vector(const float* reals, int8_t* codes, int32_t count,
                                                   enum tulle_vector_codes kind) {
  struct tulle_vector vector = {reals, codes, {1.0f, 0}};
  if (kind == TULLE_SYMMETRIC) vector.row = tulle_quantize_row_symmetric(reals, count, codes);
  if (kind == TULLE_ASYMMETRIC) vector.row = tulle_quantize_row(reals, count, codes);
  return vector;
}

/* The sum of products; wraps where it leaves 32 bits. */
static inline int32_t tulle_ref_dot_i8(const int8_t* a, const int8_t* b, int32_t count) {
  uint32_t sum = 0;
  for (int32_t i = 0; i < count; ++i) sum += (uint32_t)((int32_t)a[i] * (int32_t)b[i]);
  return (int32_t)sum;
}

static inline float tulle_ref_dot_f32(const float* a, const float* b, int32_t count) {
  float sum = 0.0f;
  for (int32_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

/* sums[r] = sum of row r of the codes */
static inline void tulle_ref_row_sums_i8(const int8_t* codes, int32_t rows, int32_t cols, int32_t* sums) {
  for (int32_t r = 0; r < rows; ++r) {
    uint32_t sum = 0;
    for (int32_t c = 0; c < cols; ++c) sum += (uint32_t)(int32_t)codes[(int64_t)r * cols + c];
    sums[r] = (int32_t)sum;
  }
}

/* y += matrix * x; an absent matrix adds nothing. */
static inline void tulle_ref_accumulate(const struct tulle_matrix* matrix, const struct tulle_vector* x, float* y) {
  const int32_t rows = matrix->rows, cols = matrix->cols;
  if (matrix->diagonal) {
    for (int32_t r = 0; r < rows; ++r)
      y[r] += (matrix->reals ? matrix->reals[r] : matrix->scale * (float)matrix->codes[r]) * x->reals[r];
  } else if (matrix->reals) {
    for (int32_t r = 0; r < rows; ++r) y[r] += tulle_ref_dot_f32(matrix->reals + (int64_t)r * cols, x->reals, cols);
  } else if (matrix->codes) {
    const float scale = matrix->scale * x->row.scale;
    for (int32_t r = 0; r < rows; ++r) {
      uint32_t sum = (uint32_t)tulle_ref_dot_i8(matrix->codes + (int64_t)r * cols, x->codes, cols);
      if (x->row.zero_point != 0) sum -= (uint32_t)matrix->row_sums[r] * (uint32_t)x->row.zero_point;
      y[r] += (float)(int32_t)sum * scale;
    }
  }
}

enum tulle_activation {
  TULLE_NONE,
  TULLE_RELU,
  TULLE_RELU_N1_TO_1,
  TULLE_RELU6,
  TULLE_TANH,
  TULLE_SIGN_BIT,
  TULLE_SIGMOID
};

static inline float tulle_clamp_f32(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

static inline void tulle_ref_activate_f32(float* x, int32_t count, enum tulle_activation activation) {
  switch (activation) {
    case TULLE_NONE: break;
    case TULLE_RELU:
      for (int32_t i = 0; i < count; ++i) x[i] = x[i] < 0.0f ? 0.0f : x[i];
      break;
    case TULLE_RELU_N1_TO_1:
      for (int32_t i = 0; i < count; ++i) x[i] = tulle_clamp_f32(x[i], -1.0f, 1.0f);
      break;
    case TULLE_RELU6:
      for (int32_t i = 0; i < count; ++i) x[i] = tulle_clamp_f32(x[i], 0.0f, 6.0f);
      break;
    case TULLE_TANH:
      for (int32_t i = 0; i < count; ++i) x[i] = tanhf(x[i]);
      break;
    case TULLE_SIGN_BIT:
      for (int32_t i = 0; i < count; ++i) x[i] = signbit(x[i]) ? 1.0f : 0.0f;
      break;
    case TULLE_SIGMOID:
      for (int32_t i = 0; i < count; ++i) x[i] = 1.0f / (1.0f + expf(-x[i]));
      break;
  }
}

#endif
