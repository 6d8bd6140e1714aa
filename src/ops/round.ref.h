/* The nearest integer, of two the even one. */
#ifndef TULLE_OPS_ROUND_REF_H
#define TULLE_OPS_ROUND_REF_H

#include <math.h>
#include <stdint.h>

static inline float tulle_round_f32(float x) {
  const float down = floorf(x), rest = x - down;
  return rest < 0.5f || (rest == 0.5f && fmodf(down, 2.0f) == 0.0f) ? down : down + 1.0f;
}
static inline void tulle_ref_round_f32(const float* x, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = tulle_round_f32(x[i]);
}

#endif
