/* The angle of a point, from its ordinate a and its abscissa b. */
#ifndef TULLE_OPS_ATAN2_REF_H
#define TULLE_OPS_ATAN2_REF_H

#include <math.h>

#include "ops/broadcast.ref.h"
#include "ops/half.ref.h"

TULLE_ROW_OF_TWO(tulle_ref_atan2_f32, float, float, struct tulle_nothing, atan2f(a, b))
TULLE_ROW_OF_TWO(tulle_ref_atan2_f64, double, double, struct tulle_nothing, atan2(a, b))
TULLE_ROW_OF_TWO(tulle_ref_atan2_f16, uint16_t, uint16_t, struct tulle_nothing,
                 tulle_to_f16(atan2f(tulle_from_f16(a), tulle_from_f16(b))))
TULLE_ROW_OF_TWO(tulle_ref_atan2_bf16, uint16_t, uint16_t, struct tulle_nothing,
                 tulle_to_bf16(atan2f(tulle_from_bf16(a), tulle_from_bf16(b))))

#endif
