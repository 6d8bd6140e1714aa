// MATRIX_DIAG: square matrices that are zero but for the input on their diagonals.
#include <cstring>

#include "ops/move.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  Shape shape = site.in(0).shape;
  if (shape.rank() == 0) return site.invalid("the input is a scalar, must be a vector or more");
  if (!shape.push_back(shape[shape.rank() - 1]))
    return site.unsupported("the output would have over {} dimensions", kMaxRank);
  return site.set_shape(0, shape);
}

Result<Kernel> prepare(Site& site) {
  const Shape& in = site.in(0).shape;
  const int64_t size = in[in.rank() - 1], count = size == 0 ? 0 : in.elements() / size;
  const Loop loops[] = {{count, size, size * size}, {size, 1, size + 1}};
  return [copy = strided(loops, element_bytes(site.in(0))), bytes = site.out(0).bytes](const Io& io) -> Result<void> {
    std::memset(io.out<char>(0), 0, bytes);
    tulle_ref_strided_copy(io.in<char>(0), io.out<char>(0), &copy);
    return {};
  };
}

}  // namespace

extern const Op op_matrix_diag = {
    .types = "T > T : T=" TULLE_WHOLE,
    .shape = shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
