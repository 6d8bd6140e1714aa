// SCATTER_ND: a tensor of zeros to which slices are added where indices say.
#include "ops/scatter_nd.ref.h"

#include "ops/operand.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape &indices = site.in(0).shape, &updates = site.in(1).shape;
  const int outer = indices.rank() - 1;
  if (outer < 0 || site.in(2).shape.rank() != 1 || site.in(2).elements() > kMaxRank)
    return site.invalid("indices {} must be a vector or more, the shape operand {} a vector of at most {}",
                        to_string(indices), to_string(site.in(2).shape), kMaxRank);
  if (!site.known(2)) return site.defer();
  TULLE_TRY(const Shape shape, make_shape(site, integers(site, 2)));
  bool fits = indices[outer] <= shape.rank() && updates.rank() == outer + shape.rank() - indices[outer];
  for (int i = 0; fits && i < updates.rank(); ++i)
    fits = updates[i] == (i < outer ? indices[i] : shape[indices[outer] + i - outer]);
  if (!fits)
    return site.invalid("updates {} do not fit indices {} and output {}", to_string(updates), to_string(indices),
                        to_string(shape));
  return site.set_shape(0, shape);
}

template <class T>
Kernel kernel(const Site& site, int64_t (*scatter)(const void*, const T*, T*, const tulle_scatter_nd*)) {
  const Shape &indices = site.in(0).shape, &out = site.out(0).shape;
  const int outer = indices.rank() - 1, n = indices[outer];
  const bool empty = site.in(1).elements() == 0;
  tulle_scatter_nd p = {.count = empty ? 0 : indices.elements(0, outer),
                        .slice = empty ? 0 : out.elements(n, out.rank()),
                        .elements = out.elements(),
                        .n = n,
                        .index_bytes = bits(site.in(0).dtype) / 8};
  for (int i = 0; i < n; ++i) p.dims[i] = out[i];
  return [p, scatter, where = site.where()](const Io& io) -> Result<void> {
    const int64_t bad = scatter(io.in<void>(0), io.in<T>(1), io.out<T>(0), &p);
    if (bad >= 0) return run_error(where, fmt::format("position {} of the indices is outside the output", bad));
    return {};
  };
}

Result<Kernel> prepare(Site& site) {
  if (site.in(1).dtype == DType::kFloat32) return kernel(site, tulle_ref_scatter_nd_f32);
  if (site.in(1).dtype == DType::kBool) return kernel(site, tulle_ref_scatter_nd_bool);
  switch (bits(site.in(1).dtype)) {
    case 8: return kernel(site, tulle_ref_scatter_nd_u8);
    case 32: return kernel(site, tulle_ref_scatter_nd_u32);
    default: return kernel(site, tulle_ref_scatter_nd_u64);
  }
}

}  // namespace

extern const Op op_scatter_nd = {
    .types = "I T I > T : I=i32 i64 T=f32 i32 i64 i8 u8 bool",
    .shape = shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
