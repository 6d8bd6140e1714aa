// What the operators that fold dimensions away share.
#pragma once

#include <algorithm>

#include "ops/in_parts.h"
#include "ops/reduce.ref.h"

namespace tulle::ops {

/// A shape rule: output 0 is input 0 without the dimensions that input 1 lists, or with 1 in their place (`keep_dims`).
Result<void> reduced_shape(Site& site);

/// The walk over input 0, and how many elements go into how many accumulators. Dimensions that are folded or kept
/// together are joined.
struct Reduction {
  tulle_reduction walk;
  int32_t results;
  int64_t terms;  ///< elements that each result is made of
  bool whole;     ///< every dimension is folded
};
/// For accumulators of this size. The axes were checked by reduced_shape.
Reduction plan_reduction(const Site& site, size_t accumulator_bytes);

/// Fills the accumulators with `start` and folds the elements of input 0 in. Threads share the accumulators, not what
/// goes into one.
template <class S, class Params>
void fold(const Io& io, const Reduction& reduction, tulle_fold fold, S* sums, S start, const Params& params) {
  std::fill_n(sums, reduction.results, start);
  if (reduction.results == 0 || reduction.terms == 0) return;
  const tulle_reduction& walk = reduction.walk;
  const int last = walk.rank - 1, cut = walk.steps[last] != 0 ? last : 0;
  int64_t step = walk.element_bytes;  // of input 0 along the dimension that is cut
  for (int d = cut + 1; d < walk.rank; ++d) step *= walk.dims[d];
  const bool alone = walk.steps[cut] == 0;
  const int64_t each = reduction.terms * reduction.results / walk.dims[cut];
  in_parts(io, alone ? 1 : walk.dims[cut], each, [&](int64_t first, int64_t count, int) {
    tulle_reduction part = walk;
    if (!alone) part.dims[cut] = static_cast<int32_t>(count);
    tulle_reduce(&part, fold, io.in<std::byte>(0) + first * step,
                 reinterpret_cast<std::byte*>(sums) + first * walk.steps[cut], &params);
  });
}

/// Sums of floats by rows of vectors where kernels may round in an order of their own, else as the plain loop has them.
struct RealSums {
  tulle_fold plain;
  float (*row)(const float* x, int64_t count);
};
RealSums real_sums(const Site& site);
void fold_reals(const Io& io, const Reduction& reduction, const RealSums& by, float* sums);

/// A kernel that folds right into output 0, of type T.
template <class T>
Kernel fold_in_place(const Site& site, tulle_fold row, T start) {
  return [reduction = plan_reduction(site, sizeof(T)), row, start](const Io& io) -> Result<void> {
    fold(io, reduction, row, io.out<T>(0), start, tulle_plain_fold{});
    return {};
  };
}

/// The same for a largest or smallest. Where every dimension is folded it starts as the first element, else as `start`:
/// that tells where NaN and infinity are concerned.
template <class T>
Kernel fold_extreme(const Site& site, tulle_fold row, T start) {
  return [reduction = plan_reduction(site, sizeof(T)), row, start](const Io& io) -> Result<void> {
    const T* x = io.in<T>(0);
    fold(io, reduction, row, io.out<T>(0), reduction.whole && reduction.terms > 0 ? x[0] : start, tulle_plain_fold{});
    return {};
  };
}

}  // namespace tulle::ops
