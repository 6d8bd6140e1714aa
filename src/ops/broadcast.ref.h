/* Broadcasting: loops over up to three operands of shapes that stretch to one another's, one row at a time. */
#ifndef TULLE_OPS_BROADCAST_REF_H
#define TULLE_OPS_BROADCAST_REF_H

#include <stdint.h>

/* Computes `count` elements that lie one after the other. Operand k moves by step[k] elements, 0 or 1, from one to the
   next. `out` may be one of the operands whose step is 1. `params` belongs to the row function. */
typedef void (*tulle_row)(const void* const* in, const int32_t* step, void* out, int32_t count, const void* params);

/* A walk over an output of `rank` (at least 1) dimensions, outermost first. Strides are in bytes, 0 where an operand is
   stretched; the last dimension of each operand is contiguous or stretched. */
struct tulle_broadcast {
  int32_t rank, operands;
  int32_t dims[8];
  int64_t strides[3][8];
  int64_t out_strides[8];
};

static inline void tulle_broadcast_run(const struct tulle_broadcast* walk, tulle_row row, const void* const* in,
                                       void* out, const void* params) {
  const int32_t last = walk->rank - 1;
  const char* at[3] = {(const char*)in[0], (const char*)in[1], (const char*)in[2]};
  char* to = (char*)out;
  int32_t index[8] = {0};
  int32_t step[3] = {0};
  for (int32_t d = 0; d <= last; ++d)
    if (walk->dims[d] == 0) return;
  for (int32_t k = 0; k < walk->operands; ++k) step[k] = walk->strides[k][last] != 0;
  for (;;) {
    const void* const rows[3] = {at[0], at[1], at[2]};
    row(rows, step, to, walk->dims[last], params);
    int32_t d = last - 1;
    for (; d >= 0; --d) {
      for (int32_t k = 0; k < walk->operands; ++k) at[k] += walk->strides[k][d];
      to += walk->out_strides[d];
      if (++index[d] < walk->dims[d]) break;
      for (int32_t k = 0; k < walk->operands; ++k) at[k] -= walk->strides[k][d] * walk->dims[d];
      to -= walk->out_strides[d] * walk->dims[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

/* Defines a tulle_row of operands of types X and Y and results of type Z = EXPRESSION, which names an element of each
   operand a and b and the parameters, of type P, p. Rows with a stretched operand have loops of their own, so that each
   is plain; where both are stretched there is one element. */
#define TULLE_ROW_OF_MIXED(NAME, X, Y, Z, P, EXPRESSION)                                                              \
  static inline void NAME(const void* const* in, const int32_t* step, void* out, int32_t count, const void* params) { \
    const X* const x = (const X*)in[0];                                                                               \
    const Y* const y = (const Y*)in[1];                                                                               \
    Z* const z = (Z*)out;                                                                                             \
    const P p = *(const P*)params;                                                                                    \
    (void)p;                                                                                                          \
    if (step[1] == 0) {                                                                                               \
      const Y b = y[0];                                                                                               \
      for (int32_t i = 0; i < count; ++i) {                                                                           \
        const X a = x[i];                                                                                             \
        z[i] = EXPRESSION;                                                                                            \
      }                                                                                                               \
    } else if (step[0] == 0) {                                                                                        \
      const X a = x[0];                                                                                               \
      for (int32_t i = 0; i < count; ++i) {                                                                           \
        const Y b = y[i];                                                                                             \
        z[i] = EXPRESSION;                                                                                            \
      }                                                                                                               \
    } else {                                                                                                          \
      for (int32_t i = 0; i < count; ++i) {                                                                           \
        const X a = x[i];                                                                                             \
        const Y b = y[i];                                                                                             \
        z[i] = EXPRESSION;                                                                                            \
      }                                                                                                               \
    }                                                                                                                 \
  }
#define TULLE_ROW_OF_TWO(NAME, X, Z, P, EXPRESSION) TULLE_ROW_OF_MIXED(NAME, X, X, Z, P, EXPRESSION)

/* The same for one operand, a. */
#define TULLE_ROW_OF_ONE(NAME, X, Z, P, EXPRESSION)                                                                   \
  static inline void NAME(const void* const* in, const int32_t* step, void* out, int32_t count, const void* params) { \
    const X* const x = (const X*)in[0];                                                                               \
    Z* const z = (Z*)out;                                                                                             \
    const P p = *(const P*)params;                                                                                    \
    (void)p;                                                                                                          \
    (void)step;                                                                                                       \
    for (int32_t i = 0; i < count; ++i) {                                                                             \
      const X a = x[i];                                                                                               \
      z[i] = EXPRESSION;                                                                                              \
    }                                                                                                                 \
  }

/* The parameters of rows that have none. */
struct tulle_nothing {
  int32_t unused;
};

#endif
