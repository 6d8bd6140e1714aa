// SQRT: the square root.
#include "ops/sqrt.ref.h"

#include <limits>

#include "ops/affine.h"
#include "ops/broadcast.h"
#include "ops/roots.h"

namespace tulle::ops {
namespace {

template <class T>
Result<Kernel> quantized(const Site& site, tulle_row row) {
  TULLE_TRY(const Affine in, affine(site, site.in(0), "input 0"));
  TULLE_TRY(const Affine out, affine(site, site.out(0), "output 0"));
  const tulle_root params = {in.scale, out.scale, in.zero_point, out.zero_point, std::numeric_limits<T>::max()};
  TULLE_TRY(Kernel roots, broadcast(site, row, params));
  return of_positive<T>(site, std::move(roots));
}

}  // namespace

extern const Op op_sqrt = {
    .types = "T > T : T=f32 i8 i16",
    .shape = broadcast_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      switch (site.in(0).dtype) {
        case DType::kInt8: return quantized<int8_t>(site, tulle_ref_sqrt_i8);
        case DType::kInt16: return quantized<int16_t>(site, tulle_ref_sqrt_i16);
        default: return broadcast(site, tulle_ref_sqrt_f32, tulle_nothing{});
      }
    },
    .in_place = 1,
};

}  // namespace tulle::ops
