// RNN: one step of a plain recurrent layer.
#include "ops/rnn_cell.h"

namespace tulle::ops {

extern const Op op_rnn = {
    .types = "f32 f32 f32 f32 f32 > f32; f32 W W f32 f32 > f32 : W=i8 u8",
    .shape = [](Site& site) { return rnn_shape(site, 2); },
    .prepare = rnn,
    .stateful = true,
};

}  // namespace tulle::ops
