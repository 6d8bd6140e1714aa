// LSTM: one step of a long short-term memory layer (FULL: 20 or 24 inputs), or of a bare cell (BASIC: 5).
#include "ops/lstm_basic.h"
#include "ops/lstm_cell_i8.h"

namespace tulle::ops {
namespace {

bool basic(const Site& site) { return site.attributes().symbol("kernel_type", "FULL") == "BASIC"; }

Result<void> check_count(const Site& site) {
  const int inputs = site.input_count(), outputs = site.output_count();
  if (basic(site) ? inputs == 5 && outputs == 4 : (inputs == 20 || inputs == 24) && outputs == 1) return {};
  return site.invalid("{} inputs and {} outputs, expected {}", inputs, outputs,
                      basic(site) ? "5 and 4" : "20 or 24 and 1");
}

LstmInputs operands(const Site& site) {
  LstmInputs inputs;
  inputs.norm = lstm_norm(site);
  return inputs;
}

Result<void> shape(Site& site) {
  TULLE_CHECK(check_count(site));
  if (basic(site)) return lstm_basic_shape(site);
  TULLE_TRY(const Sequence steps, sequence(site, 0, true));
  TULLE_TRY(const LstmSizes sizes, lstm_sizes(site, operands(site), steps));
  Shape output = site.in(0).shape;
  output[output.rank() - 1] = sizes.output;
  return site.set_shape(0, output);
}

Result<Kernel> prepare(Site& site) {
  if (basic(site)) return lstm_basic(site);
  TULLE_TRY(const Sequence steps, sequence(site, 0, true));
  if (site.in(0).dtype == DType::kInt8) return LstmCellI8::make(site, operands(site), steps);
  TULLE_TRY(LstmCell cell, LstmCell::make(site, operands(site), steps));
  const Shape& output = site.out(0).shape;
  return [cell = std::move(cell), stride = output[output.rank() - 1]](const Io& io) mutable -> Result<void> {
    cell.run(io, 0, LstmCell::Direction::kForward, io.out<float>(0), stride);
    return {};
  };
}

}  // namespace

extern const Op op_lstm = {
    .types = kLstmTypes,
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
