// FAKE_QUANT: float32.
#include "ops/fake_quant.ref.h"

#include <cmath>

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_fake_quant = {
    .types = "f32 > f32",
    .shape = same_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      const Attributes& attributes = site.attributes();
      const float low = attributes.real("min"), high = attributes.real("max");
      const int64_t bits = attributes.integer("num_bits");
      if (bits < 2 || bits > 16) return site.invalid("num_bits is {}, must be in 2…16", bits);
      if (!std::isfinite(low) || !std::isfinite(high) || low >= high)
        return site.invalid("the range {}…{} must be finite and not empty", low, high);
      const auto to = tulle_fake_quant_from(low, high, attributes.flag("narrow_range") ? 1.0f : 0.0f,
                                            static_cast<float>((int64_t{1} << bits) - 1));
      return [to, count = site.in(0).elements()](const Io& io) -> Result<void> {
        tulle_ref_fake_quant_f32(io.in<float>(0), count, &to, io.out<float>(0));
        return {};
      };
    },
    .in_place = 1,
};

}  // namespace tulle::ops
