/* One step of a long short-term memory layer for one member of the batch, with weights of reals or of int8 codes. */
#ifndef TULLE_OPS_LSTM_REF_H
#define TULLE_OPS_LSTM_REF_H

#include "ops/recurrent.ref.h"

enum { TULLE_LSTM_INPUT, TULLE_LSTM_FORGET, TULLE_LSTM_CELL, TULLE_LSTM_OUTPUT, TULLE_LSTM_GATES };

struct tulle_lstm_gate {
  struct tulle_matrix input, aux, recurrent, peephole; /* all but `input` and `recurrent` may be absent */
  const float* norm;                                   /* null where there is no layer normalisation */
  const float* bias;
};

struct tulle_lstm {
  struct tulle_lstm_gate gates[TULLE_LSTM_GATES];
  int32_t coupled; /* the input gate is 1 - the forget gate */
  struct tulle_matrix projection;
  const float* projection_bias; /* null: zeros */
  enum tulle_activation activation;
  enum tulle_vector_codes codes;
  float cell_clip, projection_clip; /* 0: none */
  int32_t input_size, aux_size, cell_size, output_size;
};

/* Scratch of a step: 4 * cell_size reals, and input_size + aux_size + output_size + cell_size codes. */

static inline int tulle_all_zero_f32(const float* x, int32_t count) {
  for (int32_t i = 0; i < count; ++i)
    if (x[i] != 0.0f) return 0;
  return 1;
}

/* y = y normalised to mean 0 and variance 1, times weights, plus bias */
static inline void tulle_ref_layer_norm_f32(float* y, int32_t count, const float* weights, const float* bias) {
  float sum = 0.0f, squares = 0.0f;
  for (int32_t i = 0; i < count; ++i) sum += y[i];
  const float mean = sum / (float)count;
  for (int32_t i = 0; i < count; ++i) squares += (y[i] - mean) * (y[i] - mean);
  const float inverse = 1.0f / sqrtf(squares / (float)count + 1e-8f);
  for (int32_t i = 0; i < count; ++i) y[i] = (y[i] - mean) * inverse * weights[i] + bias[i];
}

static inline void tulle_ref_lstm_gate(const struct tulle_lstm_gate* gate, const struct tulle_vector* input,
                                       const struct tulle_vector* aux, const struct tulle_vector* state,
                                       const float* cell_state, int32_t cell_size, enum tulle_activation activation,
                                       float* y) {
  const struct tulle_vector cell = {cell_state, 0, {1.0f, 0}};
  for (int32_t i = 0; i < cell_size; ++i) y[i] = gate->norm ? 0.0f : gate->bias[i];
  tulle_ref_accumulate(&gate->input, input, y);
  tulle_ref_accumulate(&gate->aux, aux, y);
  tulle_ref_accumulate(&gate->recurrent, state, y);
  tulle_ref_accumulate(&gate->peephole, &cell, y);
  if (gate->norm) tulle_ref_layer_norm_f32(y, cell_size, gate->norm, gate->bias);
  tulle_ref_activate_f32(y, cell_size, activation);
}

static inline void tulle_ref_clip_f32(float* x, int32_t count, float clip) {
  if (clip > 0.0f)
    for (int32_t i = 0; i < count; ++i) x[i] = tulle_clamp_f32(x[i], -clip, clip);
}

/* aux_input may be null. output_state and cell_state are read and written; output takes output_size reals. */
static inline void tulle_ref_lstm_step(const struct tulle_lstm* lstm, const float* input, const float* aux_input,
                                       float* output_state, float* cell_state, float* output, float* scratch,
                                       int8_t* codes) {
  const int32_t n = lstm->cell_size;
  float *in = scratch, *forget = in + n, *cell = forget + n, *out = cell + n;
  int8_t* const codes_of_hidden = codes;
  const struct tulle_vector x = tulle_ref_vector(input, codes += n, lstm->input_size, lstm->codes);
  const struct tulle_vector h =
      tulle_ref_vector(output_state, codes += lstm->input_size, lstm->output_size, lstm->codes);
  struct tulle_vector a = {aux_input, 0, {1.0f, 0}};
  if (aux_input) a = tulle_ref_vector(aux_input, codes += lstm->output_size, lstm->aux_size, lstm->codes);

  const struct tulle_lstm_gate* gates = lstm->gates;
  if (!lstm->coupled) tulle_ref_lstm_gate(&gates[TULLE_LSTM_INPUT], &x, &a, &h, cell_state, n, TULLE_SIGMOID, in);
  tulle_ref_lstm_gate(&gates[TULLE_LSTM_FORGET], &x, &a, &h, cell_state, n, TULLE_SIGMOID, forget);
  tulle_ref_lstm_gate(&gates[TULLE_LSTM_CELL], &x, &a, &h, cell_state, n, lstm->activation, cell);
  for (int32_t i = 0; i < n; ++i)
    cell_state[i] = forget[i] * cell_state[i] + cell[i] * (lstm->coupled ? 1.0f - forget[i] : in[i]);
  tulle_ref_clip_f32(cell_state, n, lstm->cell_clip);
  tulle_ref_lstm_gate(&gates[TULLE_LSTM_OUTPUT], &x, &a, &h, cell_state, n, TULLE_SIGMOID, out);

  float* hidden = cell;
  for (int32_t i = 0; i < n; ++i) hidden[i] = cell_state[i];
  tulle_ref_activate_f32(hidden, n, lstm->activation);
  for (int32_t i = 0; i < n; ++i) hidden[i] *= out[i];
  for (int32_t i = 0; i < lstm->output_size; ++i)
    output_state[i] = lstm->projection.rows == 0 ? hidden[i] : lstm->projection_bias ? lstm->projection_bias[i] : 0.0f;
  if (lstm->projection.rows != 0) {
    const struct tulle_vector v = tulle_ref_vector(hidden, codes_of_hidden, n, lstm->codes);
    tulle_ref_accumulate(&lstm->projection, &v, output_state);
    tulle_ref_clip_f32(output_state, lstm->output_size, lstm->projection_clip);
  }
  for (int32_t i = 0; i < lstm->output_size; ++i) output[i] = output_state[i];
}

#endif
