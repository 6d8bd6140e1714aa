// GATHER_ND: each row of indices names an element of the input, or a slice where it has fewer indices than dimensions.
#include "ops/gather.ref.h"
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape &in = site.in(0).shape, &indices = site.in(1).shape;
  const int last = indices.rank() - 1;
  if (in.rank() == 0 || last < 0 || indices[last] > in.rank())
    return site.invalid("indices {} do not fit input {}", to_string(indices), to_string(in));
  if (last + in.rank() - indices[last] > kMaxRank)
    return site.unsupported("the output would have over {} dimensions", kMaxRank);
  Shape shape;
  for (int i = 0; i < last; ++i) shape.push_back(indices[i]);
  for (int i = indices[last]; i < in.rank(); ++i) shape.push_back(in[i]);
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  const Shape &in = site.in(0).shape, &indices = site.in(1).shape;
  const int last = indices.rank() - 1, n = indices[last];
  const bool empty = site.out(0).elements() == 0 && site.in(1).elements() == 0;
  tulle_gather_nd p = {.count = empty ? 0 : indices.elements(0, last),
                       .unit = in.elements() == 0 ? 0 : in.elements(n, in.rank()) * element_bytes(site.in(0)),
                       .n = n,
                       .index_bytes = bits(site.in(1).dtype) / 8};
  for (int i = 0; i < n; ++i) p.dims[i] = in[i];
  return [p, where = site.where()](const Io& io) -> Result<void> {
    const int64_t bad = tulle_ref_gather_nd(io.in<char>(0), io.in<void>(1), io.out<char>(0), &p);
    if (bad < 0) return {};
    std::string text;
    for (int i = 0; i < p.n; ++i)
      text += (i > 0 ? "," : "") + std::to_string(tulle_index_at(io.in<void>(1), p.index_bytes, bad * p.n + i));
    return run_error(where, fmt::format("position {} of the indices is [{}], outside the input", bad, text));
  };
}

}  // namespace

extern const Op op_gather_nd = {
    .types = "T i16|i32|i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
