/* BATCH_MATMUL: rows of the left matrix times columns of the right, both laid out as rows of the same depth; see
   FULLY_CONNECTED for the products. */
#ifndef TULLE_OPS_BATCH_MATMUL_REF_H
#define TULLE_OPS_BATCH_MATMUL_REF_H

#include "ops/fully_connected.ref.h"

/* y[column][row] = x[row][column] */
#define TULLE_FLIP(NAME, T)                                                                \
  static inline void NAME(const T* x, int32_t rows, int32_t columns, T* y) {               \
    for (int32_t r = 0; r < rows; ++r)                                                     \
      for (int64_t c = 0; c < columns; ++c) y[c * rows + r] = x[(int64_t)r * columns + c]; \
  }
TULLE_FLIP(tulle_flip_f32, float)
TULLE_FLIP(tulle_flip_i8, int8_t)
TULLE_FLIP(tulle_flip_i16, int16_t)
#undef TULLE_FLIP

/* Products of 8-bit codes as they are. */
static inline void tulle_ref_batch_matmul_i32(const int8_t* x, const int8_t* w, const struct tulle_conv* conv,
                                              int32_t* y) {
  struct tulle_pixel at = tulle_first_pixel(&conv->window, conv->batches);
  for (; at.left > 0; tulle_next_pixel(&conv->window, &at), y += conv->out_c)
    tulle_fully_connected_sums_i8(x, w, conv, &at, (uint32_t*)y);
}

#endif
