// REVERSE_SEQUENCE: in each batch, the first elements of a dimension reversed, as many as an operand says.
#include "ops/reverse_sequence.ref.h"

#include <algorithm>

#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape& in = site.in(0).shape;
  TULLE_TRY(const int sequence, find_axis(site, site.attributes().integer("seq_dim"), in.rank()));
  TULLE_TRY(const int batch, find_axis(site, site.attributes().integer("batch_dim"), in.rank()));
  if (sequence == batch) return site.invalid("seq_dim and batch_dim are both {}", batch);
  if (site.in(1).shape != Shape{in[batch]})
    return site.invalid("the lengths have shape {}, must be [{}]", to_string(site.in(1).shape), in[batch]);
  return set_moved_shape(site, 0, in);
}

Result<Kernel> prepare(Site& site) {
  const Shape& in = site.in(0).shape;
  TULLE_TRY(const int sequence, find_axis(site, site.attributes().integer("seq_dim"), in.rank()));
  TULLE_TRY(const int batch, find_axis(site, site.attributes().integer("batch_dim"), in.rank()));
  const int first = std::min(sequence, batch), second = std::max(sequence, batch);
  const bool empty = in.elements() == 0;
  const tulle_reverse_sequence p = {.outer = empty ? 0 : in.elements(0, first),
                                    .first = in[first],
                                    .middle = empty ? 0 : in.elements(first + 1, second),
                                    .second = in[second],
                                    .unit = empty ? 0 : in.elements(second + 1, in.rank()) * element_bytes(site.in(0)),
                                    .batch_first = batch < sequence,
                                    .length_bytes = bits(site.in(1).dtype) / 8};
  return [p, batches = in[batch], longest = in[sequence], where = site.where()](const Io& io) -> Result<void> {
    const void* lengths = io.in<void>(1);
    if (const int64_t bad = tulle_ref_outside(lengths, p.length_bytes, batches, int64_t{longest} + 1); bad >= 0)
      return run_error(where, fmt::format("length {} is {}, outside 0…{}", bad,
                                          tulle_index_at(lengths, p.length_bytes, bad), longest));
    tulle_ref_reverse_sequence(io.in<char>(0), lengths, io.out<char>(0), &p);
    return {};
  };
}

}  // namespace

extern const Op op_reverse_sequence = {
    .types = "T i32|i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
