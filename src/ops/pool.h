// What the pooling operators share: the window over [batch, height, width, channels], and bounds of the output.
#pragma once

#include "ops/op.h"
#include "ops/pool.ref.h"

namespace tulle::ops {

/// A shape rule: output 0 has one position for each of the window.
Result<void> pool_shape(Site& site);

Result<tulle_pool> pool(const Site& site);

/// The bounds that the fused activation sets to a float output.
Result<tulle_range_f32> pool_range(const Site& site);

/// The same in codes; input and output must have the same quantisation, as far as 1e-6 of a scale.
Result<tulle_range_i32> pool_codes(const Site& site);

/// The kernel of a loop that needs no memory.
template <class T, class Range>
Kernel pool_kernel(const tulle_pool& pool, Range range, void (*loop)(const T*, const tulle_pool*, Range, T*)) {
  return [=](const Io& io) -> Result<void> {
    loop(io.in<T>(0), &pool, range, io.out<T>(0));
    return {};
  };
}

/// The kernel of a loop with a row of sums.
template <class T, class Sum, class Range>
Kernel pool_kernel(Site& site, const tulle_pool& pool, Range range,
                   void (*loop)(const T*, const tulle_pool*, Range, Sum*, T*)) {
  const auto sums = static_cast<size_t>(site.scratch(sizeof(Sum) * static_cast<size_t>(pool.channels)));
  return [=](const Io& io) -> Result<void> {
    loop(io.in<T>(0), &pool, range, reinterpret_cast<Sum*>(io.scratch[sums]), io.out<T>(0));
    return {};
  };
}

}  // namespace tulle::ops
