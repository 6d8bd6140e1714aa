// What the operators that fold dimensions away share.
#pragma once

#include <algorithm>

#include "ops/op.h"
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

/// Fills the accumulators with `start` and folds the elements in.
template <class S, class Params>
void fold(const Reduction& reduction, tulle_fold fold, const void* x, S* sums, S start, const Params& params) {
  std::fill_n(sums, reduction.results, start);
  if (reduction.results > 0 && reduction.terms > 0) tulle_reduce(&reduction.walk, fold, x, sums, &params);
}

/// A kernel that folds right into output 0, of type T.
template <class T>
Kernel fold_in_place(const Site& site, tulle_fold row, T start) {
  return [reduction = plan_reduction(site, sizeof(T)), row, start](const Io& io) -> Result<void> {
    fold(reduction, row, io.in<void>(0), io.out<T>(0), start, tulle_plain_fold{});
    return {};
  };
}

/// The same for a largest or smallest. Where every dimension is folded it starts as the first element, else as `start`:
/// that tells where NaN and infinity are concerned.
template <class T>
Kernel fold_extreme(const Site& site, tulle_fold row, T start) {
  return [reduction = plan_reduction(site, sizeof(T)), row, start](const Io& io) -> Result<void> {
    const T* x = io.in<T>(0);
    fold(reduction, row, x, io.out<T>(0), reduction.whole && reduction.terms > 0 ? x[0] : start, tulle_plain_fold{});
    return {};
  };
}

}  // namespace tulle::ops
