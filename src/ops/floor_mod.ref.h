/* Remainders of divisions rounded down: they have the sign of b. An integer b must not be 0. */
#ifndef TULLE_OPS_FLOOR_MOD_REF_H
#define TULLE_OPS_FLOOR_MOD_REF_H

#include <math.h>

#include "ops/broadcast.ref.h"

static inline int64_t tulle_floor_mod(int64_t a, int64_t b) {
  const int64_t rest = b == -1 ? 0 : a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
static inline float tulle_floor_mod_f32(float a, float b) {
  const float rest = fmodf(a, b);
  return rest != 0.0f && (rest < 0.0f) != (b < 0.0f) ? rest + b : rest;
}

TULLE_ROW_OF_TWO(tulle_ref_floor_mod_f32, float, float, struct tulle_nothing, tulle_floor_mod_f32(a, b))
TULLE_ROW_OF_TWO(tulle_ref_floor_mod_i8, int8_t, int8_t, struct tulle_nothing, (int8_t)tulle_floor_mod(a, b))
TULLE_ROW_OF_TWO(tulle_ref_floor_mod_i16, int16_t, int16_t, struct tulle_nothing, (int16_t)tulle_floor_mod(a, b))
TULLE_ROW_OF_TWO(tulle_ref_floor_mod_i32, int32_t, int32_t, struct tulle_nothing, (int32_t)tulle_floor_mod(a, b))
TULLE_ROW_OF_TWO(tulle_ref_floor_mod_i64, int64_t, int64_t, struct tulle_nothing, tulle_floor_mod(a, b))

#endif
