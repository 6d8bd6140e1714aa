// RSQRT: one over the square root.
#include "ops/rsqrt.ref.h"

#include <cmath>

#include "ops/arithmetic.h"
#include "ops/roots.h"
#include "ops/unary.h"

namespace tulle::ops {
namespace {

Result<Kernel> prepare(Site& site) {
  switch (site.in(0).dtype) {
    case DType::kInt8: {
      TULLE_TRY(const Affine in, affine(site, site.in(0), "input 0"));
      const double factor = 1.0 / (std::sqrt(in.scale) * site.out(0).scale());
      TULLE_TRY(const tulle_result to, quantized_result(site, factor));
      TULLE_TRY(Kernel roots, broadcast(site, tulle_ref_rsqrt_i8, tulle_rescaling{in.zero_point, to}));
      return of_positive<int8_t>(site, std::move(roots));
    }
    case DType::kInt16: {
      TULLE_TRY(Kernel roots, unary(site, tulle_ref_rsqrt_limited_f32));
      return of_positive<int16_t>(site, std::move(roots));
    }
    default: return broadcast(site, tulle_ref_rsqrt_f32, tulle_nothing{});
  }
}

}  // namespace

extern const Op op_rsqrt = {
    .types = "T > T : T=f32 i8 i16",
    .shape = same_shape,
    .prepare = prepare,
    .in_place = 1,
};

}  // namespace tulle::ops
