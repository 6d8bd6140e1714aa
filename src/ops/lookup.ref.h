/* Functions of quantised numbers by table. */
#ifndef TULLE_OPS_LOOKUP_REF_H
#define TULLE_OPS_LOOKUP_REF_H

#include "ops/table_i16.ref.h"

/* The answers for all codes of 8 bits, by their pattern of bits. */
struct tulle_table_8 {
  uint8_t answers[256];
};

static inline void tulle_ref_lookup_8(const struct tulle_table_8* table, const uint8_t* x, uint8_t* y, int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = table->answers[x[i]];
}
static inline void tulle_ref_lookup_i16(const struct tulle_table_i16* table, const int16_t* x, int16_t* y,
                                        int32_t count) {
  for (int32_t i = 0; i < count; ++i) y[i] = tulle_look_up_i16(x[i], table);
}

#endif
