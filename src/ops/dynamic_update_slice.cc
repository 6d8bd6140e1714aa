// DYNAMIC_UPDATE_SLICE: the first input with a part replaced by the second, from a start that is moved inside where
// need be.
#include <algorithm>
#include <cstring>

#include "ops/index.ref.h"
#include "ops/move.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<void> shape(Site& site) {
  const Shape &in = site.in(0).shape, &update = site.in(1).shape;
  bool fits = update.rank() == in.rank();
  for (int i = 0; fits && i < in.rank(); ++i) fits = update[i] <= in[i];
  if (!fits) return site.invalid("the update {} does not fit in {}", to_string(update), to_string(in));
  if (site.in(2).shape != Shape{in.rank()})
    return site.invalid("the start has shape {}, must be [{}]", to_string(site.in(2).shape), in.rank());
  return set_moved_shape(site, 0, in);
}

Result<Kernel> prepare(Site& site) {
  const Shape &in = site.in(0).shape, &update = site.in(1).shape;
  const auto from = row_major(update), to = row_major(in);
  const int64_t unit = element_bytes(site.in(0));
  std::vector<Loop> loops;
  std::array<int64_t, kMaxRank> last = {}, step = {};
  for (int i = 0; i < in.rank(); ++i) {
    loops.push_back({update[i], from[i], to[i]});
    last[i] = in[i] - update[i];
    step[i] = to[i] * unit;
  }
  return [copy = strided(loops, unit), last, step, rank = in.rank(), index_bytes = bits(site.in(2).dtype) / 8,
          bytes = site.out(0).bytes](const Io& io) mutable -> Result<void> {
    const char* in = io.in<char>(0);
    char* out = io.out<char>(0);
    if (bytes > 0 && in != out) std::memcpy(out, in, bytes);
    copy.to_start = 0;
    for (int i = 0; i < rank; ++i)
      copy.to_start += step[i] * std::clamp(tulle_index_at(io.in<void>(2), index_bytes, i), int64_t{0}, last[i]);
    tulle_ref_strided_copy(io.in<char>(1), out, &copy);
    return {};
  };
}

}  // namespace

extern const Op op_dynamic_update_slice = {
    .types = "T T i32|i64 > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
    .in_place = 1,
};

}  // namespace tulle::ops
