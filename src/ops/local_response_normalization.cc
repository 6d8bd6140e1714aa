// LOCAL_RESPONSE_NORMALIZATION: float32.
#include "ops/local_response_normalization.ref.h"

#include <algorithm>

#include "ops/rows.h"
#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_local_response_normalization = {
    .types = "f32 > f32",
    .shape = same_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      TULLE_TRY(const Rows over, rows(site, site.in(0)));
      const Attributes& attributes = site.attributes();
      const int64_t radius = attributes.integer("radius");
      if (radius < 0) return site.invalid("radius is {}, must not be negative", radius);
      const tulle_local_response by = {static_cast<int32_t>(std::min<int64_t>(radius, over.depth)),
                                       attributes.real("bias"), attributes.real("alpha"), attributes.real("beta")};
      return [=](const Io& io) -> Result<void> {
        tulle_ref_local_response_normalization_f32(io.in<float>(0), over.count, over.depth, &by, io.out<float>(0));
        return {};
      };
    },
};

}  // namespace tulle::ops
