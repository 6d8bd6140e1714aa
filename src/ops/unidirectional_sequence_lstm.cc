// UNIDIRECTIONAL_SEQUENCE_LSTM: a long short-term memory layer over a sequence: reals, 8-bit weights, or int8
// throughout.
#include "ops/lstm_cell_i8.h"

namespace tulle::ops {
namespace {

Result<Sequence> steps(const Site& site) {
  if (site.input_count() != 20 && site.input_count() != 24)
    return site.invalid("{} inputs, expected 20 or 24", site.input_count());
  if (site.in(0).shape.rank() != 3)
    return site.invalid("input 0 has shape {}, expected rank 3", to_string(site.in(0).shape));
  return sequence(site, 0, site.attributes().flag("time_major"));
}

LstmInputs operands(const Site& site) {
  LstmInputs inputs;
  inputs.norm = lstm_norm(site);
  return inputs;
}

Result<void> shape(Site& site) {
  TULLE_TRY(const Sequence sequence, steps(site));
  TULLE_TRY(const LstmSizes sizes, lstm_sizes(site, operands(site), sequence));
  Shape output = site.in(0).shape;
  output[2] = sizes.output;
  return site.set_shape(0, output);
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(const Sequence sequence, steps(site));
  if (site.in(0).dtype == DType::kInt8) return LstmCellI8::make(site, operands(site), sequence);
  TULLE_TRY(LstmCell cell, LstmCell::make(site, operands(site), sequence));
  return [cell = std::move(cell), stride = site.out(0).shape[2]](const Io& io) mutable -> Result<void> {
    cell.run(io, 0, LstmCell::Direction::kForward, io.out<float>(0), stride);
    return {};
  };
}

}  // namespace

extern const Op op_unidirectional_sequence_lstm = {
    .types = kLstmTypes,
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
