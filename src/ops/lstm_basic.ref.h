/* A bare cell of long short-term memory: one matrix for all gates over the input and the last activation. */
#ifndef TULLE_OPS_LSTM_BASIC_REF_H
#define TULLE_OPS_LSTM_BASIC_REF_H

#include "ops/fixed_math.ref.h"
#include "ops/recurrent.ref.h"

/* `joined` holds input_size + units numbers, the input first. Rows of weights and of `gates` are units each: input
   gate, new content, forget gate, output gate. */
static inline void tulle_ref_lstm_basic_f32(const float* joined, int32_t joined_size, const float* weights,
                                            const float* bias, const float* last_state, int32_t units, float* gates,
                                            float* state, float* activation) {
  for (int32_t r = 0; r < 4 * units; ++r)
    gates[r] = tulle_ref_dot_f32(weights + (int64_t)r * joined_size, joined, joined_size) + bias[r];
  for (int32_t i = 0; i < units; ++i) {
    const float in = 1.0f / (1.0f + expf(-gates[i])), content = tanhf(gates[units + i]);
    const float forget = 1.0f / (1.0f + expf(-gates[2 * units + i])), out = 1.0f / (1.0f + expf(-gates[3 * units + i]));
    state[i] = in * content + forget * last_state[i];
    activation[i] = out * tanhf(state[i]);
  }
}

/* Activations are uint8 with scale 1/128 and zero point 128, gates int16 with three integer bits, the state int16 with
 * four. */
static inline void tulle_ref_lstm_basic_u8(const uint8_t* joined, int32_t joined_size, const uint8_t* weights,
                                           int32_t weights_zero_point, const int32_t* bias, struct tulle_factor factor,
                                           const int16_t* last_state, int32_t units, int16_t* gates, int16_t* state,
                                           uint8_t* activation) {
  for (int32_t r = 0; r < 4 * units; ++r) {
    const uint8_t* row = weights + (int64_t)r * joined_size;
    uint32_t sum = (uint32_t)bias[r];
    for (int32_t c = 0; c < joined_size; ++c)
      sum += (uint32_t)(((int32_t)joined[c] - 128) * ((int32_t)row[c] - weights_zero_point));
    gates[r] = tulle_saturate16(tulle_rescale((int32_t)sum, factor));
  }
  for (int32_t i = 0; i < units; ++i) {
    const int16_t admitted = tulle_high_mul16(tulle_logistic16(gates[i]), tulle_tanh16(gates[units + i], 3));
    const int16_t kept = tulle_high_mul16(tulle_logistic16(gates[2 * units + i]), last_state[i]);
    state[i] = tulle_saturate16(tulle_divide_by_pot(admitted, 4) + kept);
    const int16_t squashed = tulle_tanh16(tulle_shift_left16(state[i], 1), 3);
    const int32_t out = tulle_divide_by_pot(tulle_high_mul16(tulle_logistic16(gates[3 * units + i]), squashed), 8);
    activation[i] = (uint8_t)(tulle_clamp(out, -128, 127) + 128);
  }
}

#endif
