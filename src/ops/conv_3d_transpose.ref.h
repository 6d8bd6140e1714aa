/* CONV_3D_TRANSPOSE: each input position scatters its products onto a window of the output.
   Filter [taps_d, taps_h, taps_w, out_c, in_c]. */
#ifndef TULLE_OPS_CONV_3D_TRANSPOSE_REF_H
#define TULLE_OPS_CONV_3D_TRANSPOSE_REF_H

#include "ops/codes.ref.h"

/* Depth, height and width, in this order. */
struct tulle_conv_3d_transpose {
  int32_t in[3], out[3], taps[3], stride[3], dilation[3], pad[3];
  int32_t batches, in_c, out_c;
};

/* Where a tap of an input position lands along one dimension; below 0 where it misses the output. */
static inline int32_t tulle_landing(const struct tulle_conv_3d_transpose* conv, int32_t d, int32_t at, int32_t tap) {
  const int64_t to = (int64_t)at * conv->stride[d] - conv->pad[d] + (int64_t)tap * conv->dilation[d];
  return to < 0 || to >= conv->out[d] ? -1 : (int32_t)to;
}

static inline void tulle_ref_conv_3d_transpose_f32(const float* x, const float* w, const float* bias,
                                                   const struct tulle_conv_3d_transpose* conv,
                                                   struct tulle_range_f32 range, float* y) {
  const int32_t out_c = conv->out_c, in_c = conv->in_c;
  const int64_t volume = (int64_t)conv->out[0] * conv->out[1] * conv->out[2];
  for (int64_t i = 0; i < conv->batches * volume * out_c; ++i) y[i] = 0.0f;
  for (int32_t b = 0; b < conv->batches; ++b)
    for (int32_t d = 0; d < conv->in[0]; ++d)
      for (int32_t h = 0; h < conv->in[1]; ++h)
        for (int32_t v = 0; v < conv->in[2]; ++v, x += in_c)
          for (int32_t i = 0; i < conv->taps[0]; ++i) {
            const int32_t to_d = tulle_landing(conv, 0, d, i);
            for (int32_t j = 0; to_d >= 0 && j < conv->taps[1]; ++j) {
              const int32_t to_h = tulle_landing(conv, 1, h, j);
              for (int32_t k = 0; to_h >= 0 && k < conv->taps[2]; ++k) {
                const int32_t to_w = tulle_landing(conv, 2, v, k);
                if (to_w < 0) continue;
                const int64_t tap = ((int64_t)i * conv->taps[1] + j) * conv->taps[2] + k;
                const int64_t to = ((b * (int64_t)conv->out[0] + to_d) * conv->out[1] + to_h) * conv->out[2] + to_w;
                for (int32_t o = 0; o < out_c; ++o)
                  for (int32_t c = 0; c < in_c; ++c) y[to * out_c + o] += x[c] * w[(tap * out_c + o) * in_c + c];
              }
            }
          }
  for (int64_t i = 0; i < conv->batches * volume; ++i) tulle_reals(y + i * out_c, bias, out_c, range, y + i * out_c);
}

#endif
