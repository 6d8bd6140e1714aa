// MATRIX_SET_DIAG: the matrices of the first input with the second on their diagonals.
#include <algorithm>
#include <cstring>

#include "ops/move.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  if (in.rank() < 2) return site.invalid("input {} must have two dimensions or more", to_string(in));
  Shape diagonal = *Shape::from(in.dims().first(in.rank() - 1));
  diagonal[in.rank() - 2] = std::min(in[in.rank() - 2], in[in.rank() - 1]);
  if (site.in(1).shape != diagonal)
    return site.invalid("the diagonals are {}, for input {} they must be {}", to_string(site.in(1).shape),
                        to_string(in), to_string(diagonal));
  return site.set_shape(0, in);
}

Result<Kernel> prepare(Site& site) {
  const Shape& in = site.in(0).shape;
  const int64_t columns = in[in.rank() - 1], rows = in[in.rank() - 2], size = std::min(rows, columns);
  const int64_t count = size == 0 ? 0 : in.elements() / (rows * columns);
  const Loop loops[] = {{count, size, rows * columns}, {size, 1, columns + 1}};
  return [copy = strided(loops, element_bytes(site.in(0))), bytes = site.out(0).bytes](const Io& io) -> Result<void> {
    if (bytes > 0 && io.in<char>(0) != io.out<char>(0)) std::memcpy(io.out<char>(0), io.in<char>(0), bytes);
    tulle_ref_strided_copy(io.in<char>(1), io.out<char>(0), &copy);
    return {};
  };
}

}  // namespace

extern const Op op_matrix_set_diag = {
    .types = "T T > T : T=" TULLE_WHOLE,
    .shape = shape,
    .prepare = prepare,
    .in_place = 1,
};

}  // namespace tulle::ops
