// RANK: the number of dimensions of the input.
#include "ops/op.h"

namespace tulle::ops {

extern const Op op_rank = {
    .types = "any > i32",
    .shape = [](Site& site) { return site.set_shape(0, Shape{}); },
    .prepare = [](Site& site) -> Result<Kernel> {
      return [rank = site.in(0).shape.rank()](const Io& io) -> Result<void> {
        *io.out<int32_t>(0) = rank;
        return {};
      };
    },
    .shapes_only = true,
};

}  // namespace tulle::ops
