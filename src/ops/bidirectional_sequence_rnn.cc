// BIDIRECTIONAL_SEQUENCE_RNN: two plain recurrent layers over a sequence, one from its end.
#include "ops/bidirectional.h"
#include "ops/rnn_cell.h"

namespace tulle::ops {
namespace {

constexpr int kForward = 1, kBackward = 5, kAuxInput = 9, kForwardAux = 10, kBackwardAux = 11;

Result<Sequence> steps(const Site& site) {
  if (site.in(0).shape.rank() != 3)
    return site.invalid("input 0 has shape {}, expected rank 3", to_string(site.in(0).shape));
  if (site.has(kForwardAux) != site.has(kBackwardAux))
    return site.invalid("only one of inputs {} and {} is present", kForwardAux, kBackwardAux);
  TULLE_CHECK(check_aux_input(site, kAuxInput, kForwardAux));
  return sequence(site, 0, site.attributes().flag("time_major"));
}

RnnInputs operands(const Site& site, int weights) {
  RnnInputs inputs = {.weights = weights};
  if (site.has(kForwardAux)) {
    inputs.aux_input = kAuxInput;
    inputs.aux_weights = weights == kForward ? kForwardAux : kBackwardAux;
  }
  return inputs;
}

Result<void> shape(Site& site) {
  TULLE_TRY(const Sequence sequence, steps(site));
  TULLE_TRY(const int32_t forward, rnn_units(site, operands(site, kForward), sequence));
  TULLE_TRY(const int32_t backward, rnn_units(site, operands(site, kBackward), sequence));
  return set_bidirectional_shapes(site, forward, backward);
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(const Sequence sequence, steps(site));
  TULLE_TRY(RnnCell forward, RnnCell::make(site, operands(site, kForward), sequence));
  TULLE_TRY(RnnCell backward, RnnCell::make(site, operands(site, kBackward), sequence));
  const bool merged = site.attributes().flag("merge_outputs");
  // The reference replaces the input of the backward layer in time-major sequences only.
  const int backward_input = sequence.time_major && site.has(kAuxInput) && !site.has(kForwardAux) ? kAuxInput : 0;
  // The reference runs 8-bit weights over a time-major sequence as often as it has steps, the state going on.
  const int32_t passes = sequence.time_major && site.in(kForward).dtype != DType::kFloat32 ? sequence.time : 1;
  return [=, forward = std::move(forward), backward = std::move(backward),
          offset = merged ? site.in(kForward).shape[0] : 0,
          strides = std::pair(site.out(0).shape[2], site.out(merged ? 0 : 1).shape[2])](
             const Io& io) mutable -> Result<void> {
    for (int32_t pass = 0; pass < passes; ++pass) {
      forward.run(io, 0, RnnCell::Direction::kForward, io.out<float>(0), strides.first);
      backward.run(io, backward_input, RnnCell::Direction::kBackward, io.out<float>(merged ? 0 : 1) + offset,
                   strides.second);
    }
    return {};
  };
}

}  // namespace

extern const Op op_bidirectional_sequence_rnn = {
    .types =
        "f32 f32 f32 f32 f32 f32 f32 f32 f32 f32? f32? f32? > f32 f32?;"
        "f32 W W f32 f32 W W f32 f32 f32? W? W? > f32 f32? : W=i8 u8",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
