/* SVDF: a fully connected layer over the last `memory` inputs, factored into a feature filter and a time filter. */
#ifndef TULLE_OPS_SVDF_REF_H
#define TULLE_OPS_SVDF_REF_H

#include "ops/fixed_point.ref.h"
#include "ops/recurrent.ref.h"

/* Each of `units` outputs is the sum of `rank` filters; the state keeps `memory` answers of each filter, newest last.
 */
struct tulle_svdf {
  int32_t batch, input_size, units, rank, memory;
};

/* Makes room for the newest answers; the last number of the state is left as it was. */
#define TULLE_SVDF_SHIFT(state, count) \
  for (int64_t tulle_i = 1; tulle_i < (count); ++tulle_i) (state)[tulle_i - 1] = (state)[tulle_i]

/* What one member of the batch remembers and puts out: `answers` are the newest of each filter, `rows` its part of the
   state. */
static inline void tulle_ref_svdf_answer_f32(const struct tulle_svdf* svdf, const float* time, const int8_t* time_codes,
                                             float time_scale, const float* bias, enum tulle_activation activation,
                                             float* answers, float* rows, float* y) {
  const int32_t filters = svdf->units * svdf->rank, memory = svdf->memory;
  for (int32_t f = 0; f < filters; ++f) {
    float* row = rows + (int64_t)f * memory;
    row[memory - 1] = answers[f];
    if (time) {
      answers[f] = tulle_ref_dot_f32(time + (int64_t)f * memory, row, memory);
    } else {
      answers[f] = 0.0f;
      for (int32_t m = 0; m < memory; ++m)
        answers[f] += (float)time_codes[(int64_t)f * memory + m] * time_scale * row[m];
    }
  }
  for (int32_t u = 0; u < svdf->units; ++u) {
    y[u] = 0.0f;
    for (int32_t r = 0; r < svdf->rank; ++r) y[u] += answers[u * svdf->rank + r];
    if (bias) y[u] += bias[u];
  }
  tulle_ref_activate_f32(y, svdf->units, activation);
}

/* `features` are of reals or of codes; `time` holds reals, or codes with `time_scale`. Scratch: one real a filter and,
   for codes, input_size codes. bias may be null. */
static inline void tulle_ref_svdf_f32(const struct tulle_svdf* svdf, const float* input,
                                      const struct tulle_matrix* features, enum tulle_vector_codes kind,
                                      const float* time, const int8_t* time_codes, float time_scale, const float* bias,
                                      enum tulle_activation activation, float* state, float* output, float* answers,
                                      int8_t* codes) {
  const int32_t filters = svdf->units * svdf->rank, memory = svdf->memory;
  TULLE_SVDF_SHIFT(state, (int64_t)svdf->batch * filters * memory);
  for (int32_t b = 0; b < svdf->batch; ++b) {
    const struct tulle_vector x =
        tulle_ref_vector(input + (int64_t)b * svdf->input_size, codes, svdf->input_size, kind);
    for (int32_t f = 0; f < filters; ++f) answers[f] = 0.0f;
    tulle_ref_accumulate(features, &x, answers);
    tulle_ref_svdf_answer_f32(svdf, time, time_codes, time_scale, bias, activation, answers,
                              state + (int64_t)b * filters * memory, output + (int64_t)b * svdf->units);
  }
}

struct tulle_svdf_i8 {
  struct tulle_svdf shape;
  int32_t input_zero_point, state_zero_point, output_zero_point;
  struct tulle_factor feature_factor, time_factor;
};

/* The int8 layer with the state and the time filter in `type`, which holds low…high. `dots` has the sums of products of
   features and input for each filter, less the part of the input's zero point. */
#define TULLE_REF_SVDF_I8(name, type, low, high)                                                                       \
  static inline void name##_answer(const struct tulle_svdf_i8* svdf, const uint32_t* dots, const type* time,           \
                                   const int32_t* bias, type* state, int8_t* output) {                                 \
    const struct tulle_svdf* s = &svdf->shape;                                                                         \
    const int32_t memory = s->memory;                                                                                  \
    for (int32_t u = 0; u < s->units; ++u) {                                                                           \
      uint32_t sum = bias ? (uint32_t)bias[u] : 0;                                                                     \
      for (int32_t f = u * s->rank; f < (u + 1) * s->rank; ++f) {                                                      \
        type* row = state + (int64_t)f * memory;                                                                       \
        const int64_t code = (int64_t)tulle_rescale((int32_t)dots[f], svdf->feature_factor) + svdf->state_zero_point;  \
        row[memory - 1] = (type)(code<(low) ? (low) : code>(high) ? (high) : code);                                    \
        for (int32_t m = 0; m < memory; ++m)                                                                           \
          sum += (uint32_t)((int32_t)time[(int64_t)f * memory + m] * (row[m] - svdf->state_zero_point));               \
      }                                                                                                                \
      const int64_t y = (int64_t)tulle_rescale((int32_t)sum, svdf->time_factor) + svdf->output_zero_point;             \
      output[u] = (int8_t)(y < INT8_MIN ? INT8_MIN : y > INT8_MAX ? INT8_MAX : y);                                     \
    }                                                                                                                  \
  }                                                                                                                    \
  static inline void name(const struct tulle_svdf_i8* svdf, const int8_t* input, const int8_t* features,               \
                          const type* time, const int32_t* bias, uint32_t* dots, type* state, int8_t* output) {        \
    const struct tulle_svdf* s = &svdf->shape;                                                                         \
    const int32_t filters = s->units * s->rank;                                                                        \
    TULLE_SVDF_SHIFT(state, (int64_t)s->batch* filters * s->memory);                                                   \
    for (int32_t b = 0; b < s->batch; ++b) {                                                                           \
      const int8_t* x = input + (int64_t)b * s->input_size;                                                            \
      for (int32_t f = 0; f < filters; ++f) {                                                                          \
        const int8_t* w = features + (int64_t)f * s->input_size;                                                       \
        dots[f] = 0;                                                                                                   \
        for (int32_t c = 0; c < s->input_size; ++c) dots[f] += (uint32_t)(w[c] * (x[c] - svdf->input_zero_point));     \
      }                                                                                                                \
      name##_answer(svdf, dots, time, bias, state + (int64_t)b * filters * s->memory, output + (int64_t)b * s->units); \
    }                                                                                                                  \
  }

TULLE_REF_SVDF_I8(tulle_ref_svdf_i8_i16, int16_t, INT16_MIN, INT16_MAX)
TULLE_REF_SVDF_I8(tulle_ref_svdf_i8_i8, int8_t, INT8_MIN, INT8_MAX)

#endif
