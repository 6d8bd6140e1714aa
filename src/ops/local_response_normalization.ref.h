/* LOCAL_RESPONSE_NORMALIZATION: x over a power of the squares of the channels around it. */
#ifndef TULLE_OPS_LOCAL_RESPONSE_NORMALIZATION_REF_H
#define TULLE_OPS_LOCAL_RESPONSE_NORMALIZATION_REF_H

#include <math.h>
#include <stdint.h>

struct tulle_local_response {
  int32_t radius; /* 0 … depth */
  float bias, alpha, beta;
};

/* Channel c sees channels c - radius … c + radius - 1. */
static inline void tulle_ref_local_response_normalization_f32(const float* x, int64_t rows, int32_t depth,
                                                              const struct tulle_local_response* by, float* y) {
  for (; rows > 0; --rows, x += depth, y += depth) {
    for (int32_t c = 0; c < depth; ++c) {
      const int32_t first = c > by->radius ? c - by->radius : 0;
      const int32_t last = by->radius < depth - c ? c + by->radius : depth;
      float squares = 0.0f;
      for (int32_t i = first; i < last; ++i) squares += x[i] * x[i];
      y[c] = x[c] * powf(by->bias + by->alpha * squares, -by->beta);
    }
  }
}

#endif
