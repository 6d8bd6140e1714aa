/* One step of an int8 long short-term memory layer for one member of the batch: 16-bit gates and cell state. */
#ifndef TULLE_OPS_LSTM_I8_REF_H
#define TULLE_OPS_LSTM_I8_REF_H

#include "ops/fixed_math.ref.h"
#include "ops/lstm.ref.h"

struct tulle_lstm_gate_i8 {
  const int8_t *input, *recurrent; /* cell_size rows */
  const int16_t *peephole, *norm;  /* null where absent */
  const int32_t* norm_bias;
  const int32_t *input_bias, *recurrent_bias; /* with the zero points of the vectors folded in */
  struct tulle_factor input_factor, recurrent_factor, peephole_factor, norm_factor;
  int32_t least_variance; /* what a variance below 1 counts as */
};

struct tulle_lstm_i8 {
  struct tulle_lstm_gate_i8 gates[TULLE_LSTM_GATES];
  int32_t coupled;
  const int8_t* projection; /* null where absent */
  const int32_t* projection_bias;
  struct tulle_factor hidden_factor, projection_factor;
  int32_t hidden_zero_point, output_zero_point;
  int16_t cell_clip; /* 0: none */
  int8_t projection_clip;
  int32_t cell_bits; /* integer bits of the cell state, 0…6 */
  int32_t input_size, cell_size, output_size;
  /* The reference counts peephole weights in outputs: cell c of the run takes weight (first + c) % output_size, and
     cells from `peephole_end` on take none. The same as one weight a cell where there is no projection. */
  int64_t peephole_end;
};

/* y[i] = clamp16(y[i] + (sums[i] + bias[i]) * factor) */
static inline void tulle_ref_add_scaled_i16(const uint32_t* sums, const int32_t* bias, struct tulle_factor factor,
                                            int32_t count, int16_t* y) {
  for (int32_t i = 0; i < count; ++i) {
    const int64_t sum = (int64_t)tulle_rescale((int32_t)((uint32_t)bias[i] + sums[i]), factor) + y[i];
    y[i] = (int16_t)(sum < INT16_MIN ? INT16_MIN : sum > INT16_MAX ? INT16_MAX : sum);
  }
}

/* The same with matrix * x for sums. */
static inline void tulle_ref_accumulate_i16(const int8_t* matrix, const int8_t* x, const int32_t* bias,
                                            struct tulle_factor factor, int32_t rows, int32_t cols, int16_t* y) {
  for (int32_t r = 0; r < rows; ++r) {
    const uint32_t dot = (uint32_t)tulle_ref_dot_i8(matrix + (int64_t)r * cols, x, cols);
    tulle_ref_add_scaled_i16(&dot, bias + r, factor, 1, y + r);
  }
}

static inline void tulle_ref_layer_norm_i16(const struct tulle_lstm_gate_i8* gate, int32_t count, int16_t* y) {
  int64_t sum = 0, squares = 0;
  if (count == 0) return;
  for (int32_t i = 0; i < count; ++i) {
    sum += y[i];
    squares += (int64_t)y[i] * y[i];
  }
  const int32_t mean = (int32_t)(sum * 1024 / count);
  int32_t variance = (int32_t)((squares * ((1 << 20) / count) - (int64_t)mean * mean) / (1 << 20));
  if (variance < 1) variance = gate->least_variance;
  const struct tulle_factor inverse = tulle_inverse_sqrt(variance);
  struct tulle_factor scale = gate->norm_factor;
  scale.shift += 12;
  for (int32_t i = 0; i < count; ++i) {
    const int32_t normal = tulle_rescale(1024 * y[i] - mean, inverse);
    const int64_t weighted =
        (int32_t)((uint32_t)normal * (uint32_t)(int32_t)gate->norm[i] + (uint32_t)gate->norm_bias[i]);
    y[i] = tulle_saturate16(tulle_rescale((int32_t)((weighted > 0 ? weighted + 512 : weighted - 512) / 1024), scale));
  }
}

/* What a gate's sums still need before their activation: peepholes and normalisation. */
static inline void tulle_ref_lstm_look_i8(const struct tulle_lstm_i8* lstm, const struct tulle_lstm_gate_i8* gate,
                                          const int16_t* cell_state, int64_t first_cell, int16_t* y) {
  const int32_t n = lstm->cell_size;
  if (gate->peephole)
    for (int32_t i = 0; i < n && first_cell + i < lstm->peephole_end; ++i) {
      const int32_t product = (int32_t)gate->peephole[(first_cell + i) % lstm->output_size] * cell_state[i];
      const int64_t added = (int64_t)tulle_rescale(product, gate->peephole_factor) + y[i];
      y[i] = (int16_t)(added < INT16_MIN ? INT16_MIN : added > INT16_MAX ? INT16_MAX : added);
    }
  if (gate->norm) tulle_ref_layer_norm_i16(gate, n, y);
}

static inline void tulle_ref_lstm_gate_i8(const struct tulle_lstm_i8* lstm, const struct tulle_lstm_gate_i8* gate,
                                          const int8_t* input, const int8_t* output_state, const int16_t* cell_state,
                                          int64_t first_cell, enum tulle_activation activation, int16_t* y) {
  const int32_t n = lstm->cell_size;
  for (int32_t i = 0; i < n; ++i) y[i] = 0;
  tulle_ref_accumulate_i16(gate->input, input, gate->input_bias, gate->input_factor, n, lstm->input_size, y);
  tulle_ref_accumulate_i16(gate->recurrent, output_state, gate->recurrent_bias, gate->recurrent_factor, n,
                           lstm->output_size, y);
  tulle_ref_lstm_look_i8(lstm, gate, cell_state, first_cell, y);
  for (int32_t i = 0; i < n; ++i) y[i] = activation == TULLE_TANH ? tulle_tanh16(y[i], 3) : tulle_logistic16(y[i]);
}

static inline int8_t tulle_saturate8(int64_t x) {
  return (int8_t)(x < INT8_MIN ? INT8_MIN : x > INT8_MAX ? INT8_MAX : x);
}

/* New content of the cells; `in` null: the input gate is coupled to the forget gate. */
static inline void tulle_ref_lstm_cells_i8(const int16_t* in, const int16_t* forget, const int16_t* cell, int32_t n,
                                           int32_t cell_bits, int16_t clip, int16_t* cell_state) {
  for (int32_t i = 0; i < n; ++i) {
    const int16_t kept = (int16_t)tulle_divide_by_pot((int32_t)forget[i] * cell_state[i], 15);
    const int32_t admitted = in ? in[i] : (int16_t)(INT16_MAX - forget[i]);
    const int16_t added = (int16_t)tulle_divide_by_pot(admitted * cell[i], 15 + cell_bits);
    cell_state[i] = tulle_saturate16(kept + added);
    if (clip > 0) cell_state[i] = (int16_t)tulle_clamp(cell_state[i], -clip, clip);
  }
}

/* The output state from the output gate and the tanh of the cells; `hidden` is room for what is projected. */
static inline void tulle_ref_lstm_hidden_i8(const struct tulle_lstm_i8* lstm, const int16_t* out, const int16_t* tanhs,
                                            int8_t* hidden, int8_t* output_state) {
  const int32_t n = lstm->cell_size;
  int8_t* target = lstm->projection ? hidden : output_state;
  for (int32_t i = 0; i < n; ++i)
    target[i] = tulle_saturate8((int64_t)tulle_rescale((int32_t)out[i] * tanhs[i], lstm->hidden_factor) +
                                lstm->hidden_zero_point);
  if (!lstm->projection) return;
  for (int32_t r = 0; r < lstm->output_size; ++r) {
    const uint32_t dot = (uint32_t)tulle_ref_dot_i8(lstm->projection + (int64_t)r * n, hidden, n);
    const int32_t sum = tulle_rescale((int32_t)((uint32_t)lstm->projection_bias[r] + dot), lstm->projection_factor);
    output_state[r] = tulle_saturate8((int64_t)sum + lstm->output_zero_point);
    if (lstm->projection_clip > 0)
      output_state[r] = (int8_t)tulle_clamp(output_state[r], -lstm->projection_clip, lstm->projection_clip);
  }
}

/* first_cell counts the cells of the batch before this member. Scratch: 4 * cell_size int16, cell_size int8. */
static inline void tulle_ref_lstm_step_i8(const struct tulle_lstm_i8* lstm, const int8_t* input, int8_t* output_state,
                                          int16_t* cell_state, int64_t first_cell, int8_t* output, int16_t* scratch,
                                          int8_t* hidden) {
  const int32_t n = lstm->cell_size;
  const struct tulle_lstm_gate_i8* gates = lstm->gates;
  int16_t *in = scratch, *forget = in + n, *cell = forget + n, *out = cell + n;
  if (!lstm->coupled)
    tulle_ref_lstm_gate_i8(lstm, &gates[TULLE_LSTM_INPUT], input, output_state, cell_state, first_cell, TULLE_SIGMOID,
                           in);
  tulle_ref_lstm_gate_i8(lstm, &gates[TULLE_LSTM_FORGET], input, output_state, cell_state, first_cell, TULLE_SIGMOID,
                         forget);
  tulle_ref_lstm_gate_i8(lstm, &gates[TULLE_LSTM_CELL], input, output_state, cell_state, first_cell, TULLE_TANH, cell);
  tulle_ref_lstm_cells_i8(lstm->coupled ? 0 : in, forget, cell, n, lstm->cell_bits, lstm->cell_clip, cell_state);
  tulle_ref_lstm_gate_i8(lstm, &gates[TULLE_LSTM_OUTPUT], input, output_state, cell_state, first_cell, TULLE_SIGMOID,
                         out);

  tulle_ref_tanh16(cell_state, n, lstm->cell_bits, cell);
  tulle_ref_lstm_hidden_i8(lstm, out, cell, hidden, output_state);
  for (int32_t r = 0; r < lstm->output_size; ++r) output[r] = output_state[r];
}

#endif
