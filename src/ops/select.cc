// SELECT: elements of one operand or the other; the condition has their shape, or chooses along the first dimension.
#include "ops/select.h"

#include <array>

#include "ops/operand.h"
#include "ops/select.ref.h"

namespace tulle::ops {
namespace {

tulle_row row_of(int bytes) {
  switch (bytes) {
    case 1: return tulle_ref_select_1;
    case 2: return tulle_ref_select_2;
    case 4: return tulle_ref_select_4;
    case 8: return tulle_ref_select_8;
    default: return tulle_ref_select_16;
  }
}

Result<void> shape(Site& site) {
  if (is_one_element(site)) return site.set_shape(0, declared_shape(site));
  const Shape& condition = site.in(0).shape;
  const Shape& x = site.in(1).shape;
  if (!(x == site.in(2).shape))
    return site.invalid("inputs 1 and 2 are {} and {}, expected one shape", to_string(x), to_string(site.in(2).shape));
  const bool fits =
      condition == x || condition.rank() == 0 || (condition.rank() == 1 && x.rank() > 0 && condition[0] == x[0]);
  if (!fits) return site.invalid("the condition is {}, the operands are {}", to_string(condition), to_string(x));
  return site.set_shape(0, x);
}

}  // namespace

const Shape& declared_shape(const Site& site) {
  return site.model->graphs[static_cast<size_t>(site.graph_index)]
      .values[static_cast<size_t>(site.node->outputs[0])]
      .shape;
}

bool is_one_element(const Site& site) {
  for (const Tensor* input : site.inputs)
    if (input->elements() != 1) return false;
  return declared_shape(site).elements() == 1;
}

Result<Kernel> choose(const Site& site, const Tensor& condition) {
  TULLE_CHECK(same_quantization(site, site.in(1), site.in(2)));
  TULLE_CHECK(same_quantization(site, site.in(1), site.out(0)));
  Tensor shaped = condition;
  const std::array<Tensor*, 3> inputs = {&shaped, site.inputs[1], site.inputs[2]};
  return [walk = plan_broadcast(site.out(0), inputs),
          row = row_of(bits(site.out(0).dtype) / 8)](const Io& io) -> Result<void> {
    const void* in[3] = {io.in<void>(0), io.in<void>(1), io.in<void>(2)};
    tulle_broadcast_run(&walk, row, in, io.out<void>(0), nullptr);
    return {};
  };
}

extern const Op op_select = {
    .types = kSelectTypes,
    .shape = shape,
    .prepare =
        [](Site& site) {
          Tensor condition = site.in(0);
          const int rank = site.out(0).shape.rank();
          if (condition.shape.rank() == 1 && rank > 1) {
            const int32_t outer = condition.shape[0];
            condition.shape = Shape::filled(rank, 1);
            condition.shape[0] = outer;
          }
          return choose(site, condition);
        },
    .in_place = 6,
};

}  // namespace tulle::ops
