// SPARSE_TO_DENSE: a tensor of one value, with other values where the indices say; later ones replace earlier ones.
#include "ops/index.ref.h"
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

/// How many elements the indices name: rows of a matrix, elements of a vector, or one.
int32_t named(const Shape& indices) { return indices.rank() == 0 ? 1 : indices[0]; }

Result<void> shape(Site& site) {
  const Shape &indices = site.in(0).shape, &values = site.in(2).shape;
  const int64_t rank = site.in(1).elements();
  if (site.in(1).shape.rank() != 1 || rank > kMaxRank)
    return site.invalid("the output shape has shape {}, must be [n] with n at most {}", to_string(site.in(1).shape),
                        kMaxRank);
  if (indices.rank() > 2 || (indices.rank() == 2 ? indices[1] : 1) != rank)
    return site.invalid("indices {} do not fit an output of {} dimensions", to_string(indices), rank);
  if (values != Shape{} && values != Shape{named(indices)})
    return site.invalid("values {} do not fit indices {}", to_string(values), to_string(indices));
  if (site.in(3).elements() != 1)
    return site.invalid("the default has {} elements, must be one", site.in(3).elements());
  if (!site.known(1)) return site.defer();
  TULLE_TRY(const Shape shape, make_shape(site, integers(site, 1)));
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  const int64_t unit = element_bytes(site.out(0)), step = site.in(2).shape.rank() == 0 ? 0 : unit;
  return [=, shape = site.out(0).shape, count = named(site.in(0).shape), bytes = bits(site.in(0).dtype) / 8,
          where = site.where()](const Io& io) -> Result<void> {
    tulle_ref_repeat(io.in<char>(3), io.out<char>(0), unit, shape.elements());
    for (int32_t i = 0; i < count; ++i) {
      const int64_t at =
          tulle_ref_flat_index(io.in<void>(0), bytes, int64_t{i} * shape.rank(), shape.rank(), shape.begin());
      if (at < 0) return run_error(where, fmt::format("row {} of the indices is outside {}", i, to_string(shape)));
      tulle_ref_piece(io.in<char>(2) + i * step, io.out<char>(0) + at * unit, unit);
    }
    return {};
  };
}

}  // namespace

extern const Op op_sparse_to_dense = {
    .types = "i32|i64 i32|i64 T T > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
