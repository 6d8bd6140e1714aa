/* LOGISTIC and TANH: float by the formula, int16 by interpolation in one table of the sigmoid. */
#ifndef TULLE_OPS_LOGISTIC_REF_H
#define TULLE_OPS_LOGISTIC_REF_H

#include <math.h>
#include <stdint.h>

/* 1 / (1 + e^-x), but 1 and e^x far out, where the float result would be the same or less exact. */
static inline void tulle_ref_logistic_f32(const float* x, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i)
    y[i] = x[i] > 16.619047f ? 1.0f : x[i] < -9.0f ? expf(x[i]) : 1.0f / (1.0f + expf(-x[i]));
}

static inline void tulle_ref_tanh_f32(const float* x, float* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = tanhf(x[i]);
}

/* sigmoid(i / 24) in units of 2^-16, raised by half of what interpolation lacks between i and i + 1; the last is 1. */
struct tulle_sigmoid_table {
  uint16_t at[256];
};

static inline void tulle_fill_sigmoid_table(struct tulle_sigmoid_table* table) {
  for (int32_t i = 0; i < 255; ++i) {
    const double here = 65536.0 / (1.0 + exp(-i / 24.0)), next = 65536.0 / (1.0 + exp(-(i + 1) / 24.0));
    const double between = 65536.0 / (1.0 + exp(-(i + 0.5) / 24.0));
    table->at[i] = (uint16_t)(here + (between - (here + next) / 2.0) / 2.0 + 0.5);
  }
  table->at[255] = 65535;
}

/* Input codes times multiplier / 2^shift count in 2^-9 (TANH: 2^-8) of a table step. */
struct tulle_sigmoid_scale {
  int32_t multiplier, shift;
};

/* For an input scale. `exact` is 0, or the multiplier of the power of two that the scale nearly is. */
static inline struct tulle_sigmoid_scale tulle_sigmoid_scale_from(float scale, int32_t exact) {
  struct tulle_sigmoid_scale to = {exact, 0};
  double multiplier = scale * 4096.0 * 3.0;
  if (exact > 0) return to;
  for (; multiplier <= 32767.0 / 2.0 && to.shift <= 30; ++to.shift) multiplier *= 2.0;
  to.multiplier = (int32_t)(multiplier < 2147483647.0 ? multiplier : 2147483647.0);
  return to;
}

static inline int64_t tulle_sigmoid_position(int16_t x, struct tulle_sigmoid_scale by) {
  const int64_t half = by.shift > 0 ? INT64_C(1) << (by.shift - 1) : 0;
  return ((int64_t)x * by.multiplier + half) >> by.shift;
}

/* The table at |position| / 2^fraction, interpolated, in units of 2^-(16 + fraction); `last` where past its end. */
static inline int32_t tulle_sigmoid(int64_t position, int32_t fraction, int32_t last,
                                    const struct tulle_sigmoid_table* table) {
  const int64_t magnitude = position < 0 ? -position : position;
  const int64_t index = magnitude >> fraction;
  if (index >= 255) return last;
  const int32_t here = table->at[index], next = table->at[index + 1];
  return (here << fraction) + (int32_t)(magnitude & ((1 << fraction) - 1)) * (next - here);
}

static inline void tulle_ref_logistic_i16(const int16_t* x, int64_t count, struct tulle_sigmoid_scale by,
                                          const struct tulle_sigmoid_table* table, int16_t* y) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t position = tulle_sigmoid_position(x[i], by);
    const int32_t s = tulle_sigmoid(position, 9, 0x7FFF << 10, table);
    y[i] = (int16_t)((position >= 0 ? s + (1 << 9) : (1 << 25) - s + (1 << 9) - 1) >> 10);
  }
}

/* tanh(x) = 2 sigmoid(2x) - 1. */
static inline void tulle_ref_tanh_i16(const int16_t* x, int64_t count, struct tulle_sigmoid_scale by,
                                      const struct tulle_sigmoid_table* table, int16_t* y) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t position = tulle_sigmoid_position(x[i], by);
    const int32_t s = tulle_sigmoid(position, 8, 0xFFFF << 8, table);
    y[i] = (int16_t)((position >= 0 ? s - (1 << 23) + (1 << 7) : (1 << 23) - s + (1 << 7) - 1) >> 8);
  }
}

#endif
