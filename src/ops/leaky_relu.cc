// LEAKY_RELU: x where x is positive, else alpha * x.
#include "ops/leaky_relu.ref.h"

#include <cmath>

#include "ops/arithmetic.h"

namespace tulle::ops {
namespace {

Result<Kernel> prepare(Site& site) {
  const float alpha = site.attributes().real("alpha");
  if (site.in(0).dtype == DType::kFloat32) return broadcast(site, tulle_ref_leaky_relu_f32, tulle_slope{alpha});
  TULLE_TRY(const tulle_rescaling codes, rescaling(site));
  // The scales and alpha are multiplied and divided as floats.
  const float factor = site.in(0).scale() * alpha / site.out(0).scale();
  if (!std::isfinite(factor)) return site.invalid("alpha is {}, too large for the scales", alpha);
  const tulle_leaky leaky = {codes.zero_point, factor < 0 ? -1 : 1, tulle_factor_from(std::abs(factor)), codes.to};
  static constexpr TypedRow kRows[] = {{DType::kInt8, tulle_ref_leaky_relu_i8},
                                       {DType::kUint8, tulle_ref_leaky_relu_u8},
                                       {DType::kInt16, tulle_ref_leaky_relu_i16}};
  return broadcast(site, row_for(kRows, site.in(0).dtype), leaky);
}

}  // namespace

extern const Op op_leaky_relu = {
    .types = "T > T : T=f32 i8 u8 i16",
    .shape = broadcast_shape,
    .prepare = prepare,
    .in_place = 1,
    .piecewise = true,
};

}  // namespace tulle::ops
