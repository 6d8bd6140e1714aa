/* Sums of any number of arrays, one after the other. Integers wrap. */
#ifndef TULLE_OPS_ADD_N_REF_H
#define TULLE_OPS_ADD_N_REF_H

#include <stdint.h>

/* sum[i] += x[i] */
static inline void tulle_ref_add_n_f32(const float* x, float* sum, int32_t count) {
  for (int32_t i = 0; i < count; ++i) sum[i] += x[i];
}
static inline void tulle_ref_add_n_i32(const int32_t* x, int32_t* sum, int32_t count) {
  for (int32_t i = 0; i < count; ++i) sum[i] = (int32_t)((uint32_t)sum[i] + (uint32_t)x[i]);
}

#endif
