// PRELU: x where x is not negative, else x times a slope that stretches to the shape of x.
#include "ops/prelu.ref.h"

#include <cmath>

#include "ops/arithmetic.h"
#include "ops/loops.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  TULLE_CHECK(broadcast_shape(site));
  if (site.out(0).shape == site.in(0).shape) return {};
  return site.invalid("the slopes are {}, which does not stretch to the {} of the input", to_string(site.in(1).shape),
                      to_string(site.in(0).shape));
}

Result<Kernel> prepare(Site& site) {
  if (site.in(0).dtype == DType::kFloat32) return broadcast(site, loops(site).tulle_ref_prelu_f32, tulle_nothing{});
  TULLE_TRY(const tulle_rescaling codes, rescaling(site));
  TULLE_TRY(const Affine slope, affine(site, site.in(1), "input 1"));
  // The scales are multiplied and divided as floats.
  const float factor = site.in(0).scale() * slope.scale / site.out(0).scale();
  if (!std::isfinite(factor)) return site.invalid("the scales of the inputs are too large for that of the output");
  const tulle_prelu params = {codes.zero_point, slope.zero_point, tulle_factor_from(factor), codes.to};
  static constexpr TypedRow kRows[] = {
      {DType::kInt8, tulle_ref_prelu_i8}, {DType::kUint8, tulle_ref_prelu_u8}, {DType::kInt16, tulle_ref_prelu_i16}};
  return broadcast(site, row_for(kRows, site.in(0).dtype), params);
}

}  // namespace

extern const Op op_prelu = {
    .types = "T T > T : T=f32 i8 u8; i16 i8 > i16",
    .shape = shape,
    .prepare = prepare,
    .in_place = 1,
    .piecewise = true,
};

}  // namespace tulle::ops
