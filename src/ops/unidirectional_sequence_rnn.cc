// UNIDIRECTIONAL_SEQUENCE_RNN: a plain recurrent layer over a sequence.
#include "ops/rnn_cell.h"

namespace tulle::ops {

extern const Op op_unidirectional_sequence_rnn = {
    .types = "f32 f32 f32 f32 f32 > f32; f32 W W f32 f32 > f32 : W=i8 u8",
    .shape = [](Site& site) { return rnn_shape(site, 3); },
    .prepare = rnn,
    .stateful = true,
};

}  // namespace tulle::ops
