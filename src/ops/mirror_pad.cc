// MIRROR_PAD: the input continued on all sides by its own reflection, with its outermost elements repeated (SYMMETRIC)
// or not (REFLECT).
#include <algorithm>

#include "ops/move.h"
#include "ops/operand.h"
#include "ops/pad.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<Kernel> prepare(Site& site) {
  const Shape &in = site.in(0).shape, &out = site.out(0).shape;
  const auto from = row_major(in), to = row_major(out);
  const int64_t unit = element_bytes(site.in(0));
  const int skip = site.attributes().symbol("mode", "REFLECT") == "REFLECT" ? 1 : 0;
  TULLE_TRY(const Paddings paddings, read_paddings(site));
  TULLE_CHECK(same_quantization(site, site.in(0), site.out(0)));

  std::vector<Loop> loops;
  int64_t start = 0;
  for (int i = 0; i < in.rank(); ++i) {
    loops.push_back({in[i], from[i], to[i]});
    start += paddings.before[i] * to[i];
  }
  std::vector<Copy> copies = {{0, 0, strided(loops, unit, 0, start)}};
  // Each dimension in turn, from the last, reflects what the output holds so far.
  for (int i = 0; i < in.rank(); ++i) loops[i].from = to[i];
  for (int i = in.rank() - 1; i >= 0; --i) {
    const int64_t before = paddings.before[i], after = paddings.after[i], most = std::max(in[i] - skip, 0);
    if (before > most || after > most)
      return site.invalid("paddings {} and {} of dimension {} of {}: at most {} can be reflected", before, after, i,
                          to_string(in), most);
    loops[i] = {before, to[i], -to[i]};
    copies.push_back({kFromOutput, 0, strided(loops, unit, start + skip * to[i], start - to[i])});
    loops[i] = {after, -to[i], to[i]};
    copies.push_back({kFromOutput, 0, strided(loops, unit, start + (in[i] - 1 - skip) * to[i], start + in[i] * to[i])});
    loops[i] = {out[i], to[i], to[i]};
    start -= before * to[i];
  }
  return copy_kernel(std::move(copies));
}

}  // namespace

extern const Op op_mirror_pad = {
    .types = "T i32|i64 > T : T=" TULLE_MOVED,
    .shape = padded_shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
