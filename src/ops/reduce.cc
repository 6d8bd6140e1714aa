// Shapes and walks of reductions.
#include "ops/reduce.h"

#include "kernels/kernels.h"
#include "ops/loops.h"
#include "ops/operand.h"

namespace tulle::ops {
namespace {

/// Which dimensions of input 0 the axes in input 1 name. A scalar has none, whatever they are.
Result<uint32_t> folded(const Site& site) {
  uint32_t mask = 0;
  const int rank = site.in(0).shape.rank();
  if (rank == 0) return mask;
  for (int64_t axis : integers(site, 1)) {
    TULLE_TRY(const int d, find_axis(site, axis, rank));
    mask |= 1u << d;
  }
  return mask;
}

}  // namespace

Result<void> reduced_shape(Site& site) {
  if (!site.known(1)) return site.defer();
  TULLE_TRY(const uint32_t mask, folded(site));
  const Shape& in = site.in(0).shape;
  const bool keep = site.attributes().flag("keep_dims");
  Shape out;
  for (int d = 0; d < in.rank(); ++d) {
    if ((mask >> d & 1) == 0)
      out.push_back(in[d]);
    else if (keep)
      out.push_back(1);
  }
  return site.set_shape(0, out);
}

Reduction plan_reduction(const Site& site, size_t accumulator_bytes) {
  const Shape& in = site.in(0).shape;
  const uint32_t mask = folded(site).value_or(0);
  Reduction plan = {};
  tulle_reduction& walk = plan.walk;
  walk.element_bytes = bits(site.in(0).dtype) / 8;
  plan.results = static_cast<int32_t>(site.out(0).elements());
  plan.whole = mask + 1 == 1u << in.rank();
  if (in.elements() == 0) return plan;
  plan.terms = 1;
  // Gathered innermost first, then turned around.
  auto step = static_cast<int64_t>(accumulator_bytes);
  for (int d = in.rank() - 1; d >= 0; --d) {
    const bool fold = mask >> d & 1;
    if (fold) plan.terms *= in[d];
    if (in[d] == 1) continue;
    if (walk.rank > 0 && (walk.steps[walk.rank - 1] == 0) == fold) {
      walk.dims[walk.rank - 1] *= in[d];
    } else {
      walk.dims[walk.rank] = in[d];
      walk.steps[walk.rank++] = fold ? 0 : step;
    }
    if (!fold) step *= in[d];
  }
  if (walk.rank == 0) {
    walk.dims[0] = 1;
    walk.steps[walk.rank++] = 0;
  }
  walk.row_bytes = int64_t{walk.dims[0]} * walk.element_bytes;
  std::reverse(walk.dims, walk.dims + walk.rank);
  std::reverse(walk.steps, walk.steps + walk.rank);
  return plan;
}

RealSums real_sums(const Site& site) {
  return {loops(site).tulle_ref_sum_f32, site.float_kernels() == nullptr ? nullptr : site.kernels->sum};
}

void fold_reals(const Io& io, const Reduction& reduction, const RealSums& by, float* sums) {
  if (by.row == nullptr) return fold(io, reduction, by.plain, sums, 0.0f, tulle_plain_fold{});
  const tulle_fold rows = [](const void* x, int32_t step, int32_t count, void* to, const void* params) {
    const auto& by = *static_cast<const RealSums*>(params);
    constexpr tulle_plain_fold kNothing{};
    if (step != 0) return by.plain(x, step, count, to, &kNothing);
    *static_cast<float*>(to) += by.row(static_cast<const float*>(x), count);
  };
  fold(io, reduction, rows, sums, 0.0f, by);
}

}  // namespace tulle::ops
