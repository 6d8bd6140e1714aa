// DIV: the quotient of two operands that stretch to a common shape, with a fused activation.
#include "ops/div.ref.h"

#include "ops/arithmetic.h"
#include "ops/divide.h"
#include "ops/loops.h"

namespace tulle::ops {
namespace {

template <class T>
Result<Kernel> quantized(const Site& site, tulle_row row) {
  TULLE_TRY(const Affine a, affine(site, site.in(0), "input 0"));
  TULLE_TRY(const Affine b, affine(site, site.in(1), "input 1"));
  TULLE_TRY(const Affine out, affine(site, site.out(0), "output 0"));
  // The scales are multiplied and divided as floats.
  TULLE_TRY(const tulle_result to, quantized_result(site, a.scale / (b.scale * out.scale)));
  return divide(site, row, tulle_offsets{a.zero_point, b.zero_point, to}, static_cast<T>(b.zero_point));
}

Result<Kernel> prepare(Site& site) {
  switch (site.out(0).dtype) {
    case DType::kFloat32: return bounded<tulle_bounds_f32>(site, loops(site).tulle_ref_div_f32);
    case DType::kInt32: {
      TULLE_TRY(const tulle_bounds_i32 bounds, bounds_of<tulle_bounds_i32>(site));
      return divide<int32_t>(site, tulle_ref_div_i32, bounds);
    }
    case DType::kInt8: return quantized<int8_t>(site, tulle_ref_div_i8);
    case DType::kUint8: return quantized<uint8_t>(site, tulle_ref_div_u8);
    default: return quantized<int16_t>(site, tulle_ref_div_q16);
  }
}

}  // namespace

extern const Op op_div = {
    .types = "T T > T : T=f32 i8 u8 i16 i32",
    .shape = broadcast_shape,
    .prepare = prepare,
    .in_place = 3,
};

}  // namespace tulle::ops
