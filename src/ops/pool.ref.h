/* Pooling over windows of an image, each channel by itself. */
#ifndef TULLE_OPS_POOL_REF_H
#define TULLE_OPS_POOL_REF_H

#include <float.h>
#include <math.h>
#include <stdint.h>

#include "ops/codes.ref.h"
#include "ops/window.ref.h"

/* Rows of output positions count through all images; first_row to first_row + rows - 1 are to be computed. */
struct tulle_pool {
  struct tulle_window window;
  int32_t channels;
  int64_t first_row, rows;
};

static inline struct tulle_pixel tulle_pool_pixel(const struct tulle_pool* pool) {
  const struct tulle_window* window = &pool->window;
  struct tulle_pixel at = {pool->rows * window->out_w, 0, 0, 0};
  if (at.left > 0) {
    at.batch = (int32_t)(pool->first_row / window->out_h);
    at.y = (int32_t)(pool->first_row % window->out_h);
  }
  return at;
}

struct tulle_range_i32 {
  int32_t low, high;
};

/* y = the largest tap, clamped. `y` is where the first of the rows goes. */
#define TULLE_MAX_POOL(NAME, T, LOWEST, RANGE, CLAMP)                                            \
  static inline void NAME(const T* x, const struct tulle_pool* pool, struct RANGE range, T* y) { \
    const int32_t channels = pool->channels;                                                     \
    struct tulle_pixel at = tulle_pool_pixel(pool);                                              \
    for (; at.left > 0; tulle_next_pixel(&pool->window, &at), y += channels) {                   \
      const struct tulle_reach reach = tulle_reach_of(&pool->window, &at);                       \
      for (int32_t c = 0; c < channels; ++c) y[c] = LOWEST;                                      \
      for (int32_t row = reach.rows.first; row < reach.rows.last; ++row) {                       \
        for (int32_t column = reach.columns.first; column < reach.columns.last; ++column) {      \
          const T* from = x + tulle_source(&pool->window, &at, &reach, row, column) * channels;  \
          for (int32_t c = 0; c < channels; ++c) y[c] = y[c] < from[c] ? from[c] : y[c];         \
        }                                                                                        \
      }                                                                                          \
      for (int32_t c = 0; c < channels; ++c) y[c] = (T)CLAMP(y[c], range);                       \
    }                                                                                            \
  }
#define TULLE_CLAMP_CODE(x, range) tulle_clamp(x, (range).low, (range).high)
TULLE_MAX_POOL(tulle_ref_max_pool_2d_f32, float, -FLT_MAX, tulle_range_f32, tulle_clamp_f32)
TULLE_MAX_POOL(tulle_ref_max_pool_2d_i8, int8_t, INT8_MIN, tulle_range_i32, TULLE_CLAMP_CODE)
TULLE_MAX_POOL(tulle_ref_max_pool_2d_u8, uint8_t, 0, tulle_range_i32, TULLE_CLAMP_CODE)
TULLE_MAX_POOL(tulle_ref_max_pool_2d_i16, int16_t, INT16_MIN, tulle_range_i32, TULLE_CLAMP_CODE)
#undef TULLE_MAX_POOL

/* The mean of `count` codes, to nearest, ties away from zero. */
static inline int32_t tulle_mean_code(int64_t sum, int64_t count, struct tulle_range_i32 range) {
  const int64_t half = count / 2;
  return TULLE_CLAMP_CODE((int32_t)((sum > 0 ? sum + half : sum - half) / count), range);
}

/* The same for sums below 2^30. The quotient of two such integers, cut, is the same in double. */
static inline int32_t tulle_mean_code_short(int32_t sum, int64_t count, struct tulle_range_i32 range) {
  const int32_t half = (int32_t)(count / 2);
  return TULLE_CLAMP_CODE((int32_t)((double)(sum > 0 ? sum + half : sum - half) / (double)count), range);
}

static inline float tulle_mean_f32(float sum, int64_t count, struct tulle_range_f32 range) {
  return tulle_clamp_f32(sum / (float)count, range);
}

static inline float tulle_root_mean_f32(float sum, int64_t count, struct tulle_range_f32 range) {
  return tulle_clamp_f32(sqrtf(sum / (float)count), range);
}

/* y = something of the sum of the taps, or of their squares, and their number. `sums` is memory for one row of
 * channels. */
#define TULLE_SUM_POOL(NAME, T, SUM, TERM, RANGE, FINISH)                                                   \
  static inline void NAME(const T* x, const struct tulle_pool* pool, struct RANGE range, SUM* sums, T* y) { \
    const int32_t channels = pool->channels;                                                                \
    struct tulle_pixel at = tulle_pool_pixel(pool);                                                         \
    for (; at.left > 0; tulle_next_pixel(&pool->window, &at), y += channels) {                              \
      const struct tulle_reach reach = tulle_reach_of(&pool->window, &at);                                  \
      const int64_t count =                                                                                 \
          (int64_t)(reach.rows.last - reach.rows.first) * (reach.columns.last - reach.columns.first);       \
      for (int32_t c = 0; c < channels; ++c) sums[c] = 0;                                                   \
      for (int32_t row = reach.rows.first; row < reach.rows.last; ++row) {                                  \
        for (int32_t column = reach.columns.first; column < reach.columns.last; ++column) {                 \
          const T* from = x + tulle_source(&pool->window, &at, &reach, row, column) * channels;             \
          for (int32_t c = 0; c < channels; ++c) sums[c] += TERM(from[c]);                                  \
        }                                                                                                   \
      }                                                                                                     \
      for (int32_t c = 0; c < channels; ++c) y[c] = (T)FINISH(sums[c], count, range);                       \
    }                                                                                                       \
  }
#define TULLE_SELF(x) (x)
#define TULLE_SQUARE(x) (x) * (x)
TULLE_SUM_POOL(tulle_ref_average_pool_2d_f32, float, float, TULLE_SELF, tulle_range_f32, tulle_mean_f32)
TULLE_SUM_POOL(tulle_ref_average_pool_2d_i8, int8_t, int64_t, TULLE_SELF, tulle_range_i32, tulle_mean_code)
TULLE_SUM_POOL(tulle_ref_average_pool_2d_u8, uint8_t, int64_t, TULLE_SELF, tulle_range_i32, tulle_mean_code)
TULLE_SUM_POOL(tulle_ref_average_pool_2d_i16, int16_t, int64_t, TULLE_SELF, tulle_range_i32, tulle_mean_code)
TULLE_SUM_POOL(tulle_ref_average_pool_2d_i8_short, int8_t, int32_t, TULLE_SELF, tulle_range_i32, tulle_mean_code_short)
TULLE_SUM_POOL(tulle_ref_average_pool_2d_u8_short, uint8_t, int32_t, TULLE_SELF, tulle_range_i32, tulle_mean_code_short)
TULLE_SUM_POOL(tulle_ref_l2_pool_2d_f32, float, float, TULLE_SQUARE, tulle_range_f32, tulle_root_mean_f32)
#undef TULLE_SELF
#undef TULLE_SQUARE
#undef TULLE_SUM_POOL
#undef TULLE_CLAMP_CODE

#endif
