// GATHER: slices of the input along an axis, picked by indices; the first batch_dims dimensions of both go together.
#include "ops/gather.ref.h"

#include "ops/in_parts.h"
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

struct Places {
  int axis, batch_dims;
};

Result<Places> places(const Site& site) {
  const Shape &in = site.in(0).shape, &indices = site.in(1).shape;
  TULLE_TRY(const int axis, find_axis(site, site.attributes().integer("axis"), in.rank()));
  int64_t batch_dims = site.attributes().integer("batch_dims");
  if (batch_dims < 0) batch_dims += indices.rank();
  if (batch_dims < 0 || batch_dims > axis || batch_dims > indices.rank())
    return site.invalid("batch_dims {} does not fit axis {} and indices {}", batch_dims, axis, to_string(indices));
  for (int i = 0; i < batch_dims; ++i)
    if (in[i] != indices[i])
      return site.invalid("input {} and indices {} differ in batch dimension {}", to_string(in), to_string(indices), i);
  return Places{axis, static_cast<int>(batch_dims)};
}

Result<void> shape(Site& site) {
  const Shape &in = site.in(0).shape, &indices = site.in(1).shape;
  TULLE_TRY(const Places p, places(site));
  if (in.rank() + indices.rank() - 1 - p.batch_dims > kMaxRank)
    return site.unsupported("the output would have over {} dimensions", kMaxRank);
  Shape shape;
  for (int i = 0; i < p.axis; ++i) shape.push_back(in[i]);
  for (int i = p.batch_dims; i < indices.rank(); ++i) shape.push_back(indices[i]);
  for (int i = p.axis + 1; i < in.rank(); ++i) shape.push_back(in[i]);
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  const Shape &in = site.in(0).shape, &indices = site.in(1).shape;
  TULLE_TRY(const Places at, places(site));
  const bool empty = site.out(0).elements() == 0;
  const tulle_gather p = {.batches = empty ? 0 : in.elements(0, at.batch_dims),
                          .outer = empty ? 0 : in.elements(at.batch_dims, at.axis),
                          .axis = in[at.axis],
                          .count = empty ? 0 : indices.elements(at.batch_dims, indices.rank()),
                          .unit = empty ? 0 : in.elements(at.axis + 1, in.rank()) * bits(site.in(0).dtype) / 8,
                          .index_bytes = bits(site.in(1).dtype) / 8};
  return [p, total = indices.elements(), where = site.where()](const Io& io) -> Result<void> {
    const void* indices = io.in<void>(1);
    if (const int64_t bad = tulle_ref_outside(indices, p.index_bytes, total, p.axis); bad >= 0)
      return run_error(where, fmt::format("index {} is {}, outside 0…{}", bad,
                                          tulle_index_at(indices, p.index_bytes, bad), p.axis - 1));
    const auto part = [&](int64_t first, int64_t count, int) {
      tulle_ref_gather(io.in<char>(0), indices, io.out<char>(0), &p, first, count);
    };
    in_parts(io, p.batches * p.outer * p.count, p.unit, part, 65536);
    return {};
  };
}

/// Packed slices that fill whole bytes move as they are.
Result<Kernel> prepare_any(Site& site) {
  TULLE_TRY(const Places at, places(site));
  const int width = bits(site.in(0).dtype);
  const int64_t slice =
      site.in(0).elements() == 0 ? 0 : site.in(0).shape.elements(at.axis + 1, site.in(0).shape.rank()) * width;
  return width != 0 && slice % 8 == 0 ? prepare(site) : move_elements(site, prepare);
}

}  // namespace

extern const Op op_gather = {
    .types = "T i16|i32|i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = prepare_any,
};

}  // namespace tulle::ops
