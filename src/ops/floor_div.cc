// FLOOR_DIV: a / b rounded down, of two operands that stretch to a common shape.
#include "ops/floor_div.ref.h"

#include "ops/divide.h"

namespace tulle::ops {
namespace {

Result<Kernel> prepare(Site& site) {
  switch (site.in(0).dtype) {
    case DType::kFloat32: return divide<float>(site, tulle_ref_floor_div_f32, tulle_nothing{});
    case DType::kInt8: return divide<int8_t>(site, tulle_ref_floor_div_i8, tulle_nothing{});
    case DType::kInt16: return divide<int16_t>(site, tulle_ref_floor_div_i16, tulle_nothing{});
    default: return divide<int32_t>(site, tulle_ref_floor_div_i32, tulle_nothing{});
  }
}

}  // namespace

extern const Op op_floor_div = {
    .types = "T T > T : T=f32 i8 i16 i32",
    .shape = broadcast_shape,
    .prepare = prepare,
    .in_place = 3,
};

}  // namespace tulle::ops
