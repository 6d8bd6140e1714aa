/* What convolutions share: one row of channels of sums for each output position, then the outputs of that row. */
#ifndef TULLE_OPS_CONV_REF_H
#define TULLE_OPS_CONV_REF_H

#include <stdint.h>

#include "ops/codes.ref.h"
#include "ops/quantize_rows.ref.h"
#include "ops/window.ref.h"

struct tulle_conv {
  struct tulle_window window;
  int32_t batches, in_c, out_c;
  int32_t groups;         /* the input channels are cut into so many parts; each sees its own output channels */
  int32_t x_zero, w_zero; /* zero points of input and filter */
};

/* Write the out_c sums of products of one output position, without bias. */
typedef void (*tulle_sums_f32)(const float* x, const float* w, const struct tulle_conv* conv,
                               const struct tulle_pixel* at, float* sums);
typedef void (*tulle_sums_i8)(const int8_t* x, const int8_t* w, const struct tulle_conv* conv,
                              const struct tulle_pixel* at, uint32_t* sums);
typedef void (*tulle_sums_u8)(const uint8_t* x, const uint8_t* w, const struct tulle_conv* conv,
                              const struct tulle_pixel* at, uint32_t* sums);
typedef void (*tulle_sums_i16)(const int16_t* x, const int8_t* w, const struct tulle_conv* conv,
                               const struct tulle_pixel* at, int64_t* sums);
typedef void (*tulle_sums_i16x16)(const int16_t* x, const int16_t* w, const struct tulle_conv* conv,
                                  const struct tulle_pixel* at, int64_t* sums);

/* y[positions][out_c] from x, w and bias; `sums` is memory for out_c of them. */
#define TULLE_CONV(NAME, SUMS, X, W, SUM, BIAS, TO, CODES, Y)                                                    \
  static inline void NAME(SUMS sums_of, const X* x, const W* w, const BIAS* bias, const struct tulle_conv* conv, \
                          const struct TO* to, SUM* sums, Y* y) {                                                \
    struct tulle_pixel at = tulle_first_pixel(&conv->window, conv->batches);                                     \
    for (; at.left > 0; tulle_next_pixel(&conv->window, &at), y += conv->out_c) {                                \
      sums_of(x, w, conv, &at, sums);                                                                            \
      CODES(sums, bias, conv->out_c, to, y);                                                                     \
    }                                                                                                            \
  }
TULLE_CONV(tulle_ref_conv_i8, tulle_sums_i8, int8_t, int8_t, uint32_t, int32_t, tulle_codes, tulle_codes_i8, int8_t)
TULLE_CONV(tulle_ref_conv_u8, tulle_sums_u8, uint8_t, uint8_t, uint32_t, int32_t, tulle_codes, tulle_codes_u8, uint8_t)
TULLE_CONV(tulle_ref_conv_i16_wide, tulle_sums_i16, int16_t, int8_t, int64_t, int64_t, tulle_codes,
           tulle_codes_i16_wide, int16_t)
TULLE_CONV(tulle_ref_conv_i16_narrow, tulle_sums_i16, int16_t, int8_t, int64_t, int32_t, tulle_codes,
           tulle_codes_i16_narrow, int16_t)

static inline void tulle_ref_conv_f32(tulle_sums_f32 sums_of, const float* x, const float* w, const float* bias,
                                      const struct tulle_conv* conv, struct tulle_range_f32 range, float* sums,
                                      float* y) {
  struct tulle_pixel at = tulle_first_pixel(&conv->window, conv->batches);
  for (; at.left > 0; tulle_next_pixel(&conv->window, &at), y += conv->out_c) {
    sums_of(x, w, conv, &at, sums);
    tulle_reals(sums, bias, conv->out_c, range, y);
  }
}

/* Real activations on integer filters: q holds each batch quantised, rows says how; in_turn as in
   tulle_scaled_reals. */
static inline void tulle_ref_conv_hybrid(tulle_sums_i8 sums_of, const int8_t* q, const struct tulle_row_scale* rows,
                                         const int8_t* w, const float* scales, int32_t in_turn, const float* bias,
                                         const struct tulle_conv* conv, struct tulle_range_f32 range, uint32_t* sums,
                                         float* y) {
  struct tulle_conv here = *conv;
  struct tulle_pixel at = tulle_first_pixel(&conv->window, conv->batches);
  for (; at.left > 0; tulle_next_pixel(&conv->window, &at), y += conv->out_c) {
    here.x_zero = rows[at.batch].zero_point;
    sums_of(q, w, &here, &at, sums);
    tulle_scaled_reals(sums, bias, scales, rows[at.batch].scale, in_turn, conv->out_c, range, y);
  }
}

#endif
