// PADV2: PAD with an operand that says what is added.
#include "ops/move.h"
#include "ops/pad.h"

namespace tulle::ops {

extern const Op op_padv2 = {
    .types = "T i32|i64|i16|i8|bool T? > T : T=" TULLE_WHOLE " " TULLE_PACKED,
    .shape = padded_shape,
    .prepare = prepare_pad,
};

}  // namespace tulle::ops
