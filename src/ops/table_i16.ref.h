/* A function of 16-bit codes as a table of 513 points, interpolated. */
#ifndef TULLE_OPS_TABLE_I16_REF_H
#define TULLE_OPS_TABLE_I16_REF_H

#include <math.h>
#include <stdint.h>

struct tulle_table_i16 {
  int16_t at[513];
};

static inline int16_t tulle_table_code(double x) {
  return (int16_t)(x < -32768.0 ? -32768.0 : x > 32767.0 ? 32767.0 : x);
}

/* Points of `f` between the reals of the lowest and highest input code. Each is lowered by half of what interpolation
   up to the next would be too high in the middle. */
static inline void tulle_fill_table_i16(double x_scale, int32_t x_zero, double y_scale, int32_t y_zero,
                                        double (*f)(double), struct tulle_table_i16* table) {
  const double low = x_scale * (-32768 - x_zero), high = x_scale * (32767 - x_zero);
  const double step = (high - low) / 512;
  const double scale = 65536.0 / (y_scale * (32767 - y_zero) - y_scale * (-32768 - y_zero));
  for (int32_t i = 0; i < 512; ++i) {
    const double here = round(f(low + i * step) * scale);
    const double between = round(f(low + i * step + step / 2) * scale);
    const double interpolated = round((f(low + (i + 1) * step) * scale + here) / 2);
    table->at[i] = tulle_table_code(here - round((interpolated - between) / 2));
  }
  table->at[512] = tulle_table_code(round(f(high) * scale));
}

/* The slope of a line wraps to 16 bits. */
static inline int16_t tulle_look_up_i16(int16_t x, const struct tulle_table_i16* table) {
  const int32_t index = 256 + (x >> 7);
  const int16_t here = table->at[index], slope = (int16_t)(table->at[index + 1] - here);
  return (int16_t)(here + ((slope * (x & 127) + 64) >> 7));
}

#endif
