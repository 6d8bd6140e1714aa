/* Truth of one operand and of two; any byte but 0 is true. */
#ifndef TULLE_OPS_LOGICAL_REF_H
#define TULLE_OPS_LOGICAL_REF_H

#include "ops/broadcast.ref.h"

TULLE_ROW_OF_TWO(tulle_ref_logical_and_bool, uint8_t, uint8_t, struct tulle_nothing, (a != 0) & (b != 0))
TULLE_ROW_OF_TWO(tulle_ref_logical_or_bool, uint8_t, uint8_t, struct tulle_nothing, (a != 0) | (b != 0))
TULLE_ROW_OF_ONE(tulle_ref_logical_not_bool, uint8_t, uint8_t, struct tulle_nothing, a == 0)

#endif
