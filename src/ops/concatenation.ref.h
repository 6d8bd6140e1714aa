/* CONCATENATION of uint8 inputs whose scales differ from the output's. */
#ifndef TULLE_OPS_CONCATENATION_REF_H
#define TULLE_OPS_CONCATENATION_REF_H

#include <math.h>
#include <stdint.h>

/* The code of the output for each code of an input. The reals are float32, as in TensorFlow Lite's reference. */
static inline void tulle_ref_concatenation_codes(float in_scale, int32_t in_zero_point, float out_scale,
                                                 int32_t out_zero_point, uint8_t codes[256]) {
  const float scale = in_scale * (1.0f / out_scale);
  const float bias = (float)-in_zero_point * scale;
  int32_t x;
  for (x = 0; x < 256; ++x) {
    const float steps = (float)x * scale;
    const float code = roundf(steps + bias) + (float)out_zero_point;
    codes[x] = code >= 255.0f ? 255 : code > 0.0f ? (uint8_t)code : 0;
  }
}

#endif
