/* Choices between two operands by a condition, for elements of a fixed size. */
#ifndef TULLE_OPS_SELECT_REF_H
#define TULLE_OPS_SELECT_REF_H

#include "ops/broadcast.ref.h"

/* Sixteen bytes: complex128. */
struct tulle_pair {
  uint64_t words[2];
};

/* Operands: the condition, any byte but 0 being true; the value where it is true; the value where it is not. */
#define TULLE_SELECT(BYTES, T)                                                                                      \
  static inline void tulle_ref_select_##BYTES(const void* const* in, const int32_t* step, void* out, int32_t count, \
                                              const void* params) {                                                 \
    const uint8_t* const condition = (const uint8_t*)in[0];                                                         \
    const T* const x = (const T*)in[1];                                                                             \
    const T* const y = (const T*)in[2];                                                                             \
    T* const z = (T*)out;                                                                                           \
    const int32_t c = step[0], s = step[1], t = step[2];                                                            \
    (void)params;                                                                                                   \
    if (c == 1 && s == 1 && t == 1) {                                                                               \
      for (int32_t i = 0; i < count; ++i) z[i] = condition[i] ? x[i] : y[i];                                        \
    } else if (c == 0) {                                                                                            \
      const T* const from = condition[0] ? x : y;                                                                   \
      const int32_t f = condition[0] ? s : t;                                                                       \
      for (int32_t i = 0; i < count; ++i) z[i] = from[i * f];                                                       \
    } else {                                                                                                        \
      for (int32_t i = 0; i < count; ++i) z[i] = condition[i] ? x[i * s] : y[i * t];                                \
    }                                                                                                               \
  }
TULLE_SELECT(1, uint8_t)
TULLE_SELECT(2, uint16_t)
TULLE_SELECT(4, uint32_t)
TULLE_SELECT(8, uint64_t)
TULLE_SELECT(16, struct tulle_pair)
#undef TULLE_SELECT

#endif
