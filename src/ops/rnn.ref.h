/* One step of a plain recurrent layer for one member of the batch. */
#ifndef TULLE_OPS_RNN_REF_H
#define TULLE_OPS_RNN_REF_H

#include "ops/recurrent.ref.h"

struct tulle_rnn {
  struct tulle_matrix input, aux, recurrent; /* aux may be absent */
  const float* bias;
  enum tulle_activation activation;
  enum tulle_vector_codes codes;
  int32_t input_size, aux_size, units;
};

/* aux_input may be null. The state is read and becomes the output. Scratch: input_size + aux_size + units codes. */
static inline void tulle_ref_rnn_step(const struct tulle_rnn* rnn, const float* input, const float* aux_input,
                                      float* state, float* output, int8_t* codes) {
  const struct tulle_vector x = tulle_ref_vector(input, codes, rnn->input_size, rnn->codes);
  const struct tulle_vector h = tulle_ref_vector(state, codes += rnn->input_size, rnn->units, rnn->codes);
  for (int32_t i = 0; i < rnn->units; ++i) output[i] = rnn->bias[i];
  tulle_ref_accumulate(&rnn->input, &x, output);
  if (aux_input) {
    const struct tulle_vector a = tulle_ref_vector(aux_input, codes += rnn->units, rnn->aux_size, rnn->codes);
    tulle_ref_accumulate(&rnn->aux, &a, output);
  }
  tulle_ref_accumulate(&rnn->recurrent, &h, output);
  tulle_ref_activate_f32(output, rnn->units, rnn->activation);
  for (int32_t i = 0; i < rnn->units; ++i) state[i] = output[i];
}

#endif
