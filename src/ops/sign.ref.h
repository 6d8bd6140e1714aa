/* -1, 0 or 1; NaN of NaN. */
#ifndef TULLE_OPS_SIGN_REF_H
#define TULLE_OPS_SIGN_REF_H

#include "ops/broadcast.ref.h"

#define TULLE_SIGN(TAG, T) \
  TULLE_ROW_OF_ONE(tulle_ref_sign_##TAG, T, T, struct tulle_nothing, a != a ? a : (T)((a > 0) - (a < 0)))
TULLE_SIGN(f32, float)
TULLE_SIGN(f64, double)
TULLE_SIGN(i32, int32_t)
#undef TULLE_SIGN

#endif
