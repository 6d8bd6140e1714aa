// ZEROS_LIKE: as many zeros.
#include <cstring>

#include "ops/unary.h"

namespace tulle::ops {

extern const Op op_zeros_like = {
    .types = "T > T : T=f32 i32 i64",
    .shape = same_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      return [bytes = site.out(0).bytes](const Io& io) -> Result<void> {
        if (bytes > 0) std::memset(io.out<std::byte>(0), 0, bytes);
        return {};
      };
    },
    .in_place = 1,
    .shapes_only = true,
};

}  // namespace tulle::ops
