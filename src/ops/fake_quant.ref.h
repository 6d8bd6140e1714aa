/* FAKE_QUANT: reals rounded to the nearest that a quantisation of so many bits can hold. */
#ifndef TULLE_OPS_FAKE_QUANT_REF_H
#define TULLE_OPS_FAKE_QUANT_REF_H

#include <math.h>
#include <stdint.h>

struct tulle_fake_quant {
  float low, high, scale;
};

/* The range low < high, moved so that 0 is one of the codes lowest … highest. */
static inline struct tulle_fake_quant tulle_fake_quant_from(float low, float high, float lowest, float highest) {
  struct tulle_fake_quant to;
  to.scale = (high - low) / (highest - lowest);
  const float exact = lowest - low / to.scale;
  const float zero_point = exact < lowest ? lowest : exact > highest ? highest : roundf(exact);
  to.low = (lowest - zero_point) * to.scale;
  to.high = (highest - zero_point) * to.scale;
  return to;
}

static inline void tulle_ref_fake_quant_f32(const float* x, int64_t count, const struct tulle_fake_quant* to,
                                            float* y) {
  const float inverse = 1.0f / to->scale;
  for (int64_t i = 0; i < count; ++i) {
    const float above = to->low < x[i] ? x[i] : to->low;
    const float inside = above < to->high ? above : to->high;
    y[i] = roundf((inside - to->low) * inverse) * to->scale + to->low;
  }
}

#endif
