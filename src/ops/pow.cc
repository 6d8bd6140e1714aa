// POW: a to the power of b, of two operands that stretch to a common shape.
#include "ops/pow.ref.h"

#include <algorithm>

#include "ops/broadcast.h"

namespace tulle::ops {

extern const Op op_pow = {
    .types = "T T > T : T=f32 i32",
    .shape = broadcast_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      if (site.in(0).dtype == DType::kFloat32) return broadcast(site, tulle_ref_pow_f32, tulle_nothing{});
      TULLE_TRY(Kernel powers, broadcast(site, tulle_ref_pow_i32, tulle_nothing{}));
      return [where = site.where(), count = site.in(1).elements(),
              powers = std::move(powers)](const Io& io) mutable -> Result<void> {
        const int32_t* exponents = io.in<int32_t>(1);
        if (std::any_of(exponents, exponents + count, [](int32_t e) { return e < 0; }))
          return run_error(where, "a negative exponent of an integer");
        return powers(io);
      };
    },
    .in_place = 3,
};

}  // namespace tulle::ops
