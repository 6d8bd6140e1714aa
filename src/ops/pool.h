// What the pooling operators share: the window over [batch, height, width, channels], and bounds of the output.
#pragma once

#include "ops/in_parts.h"
#include "ops/pool.ref.h"

namespace tulle::ops {

/// A shape rule: output 0 has one position for each of the window.
Result<void> pool_shape(Site& site);

Result<tulle_pool> pool(const Site& site);

/// The bounds that the fused activation sets to a float output.
Result<tulle_range_f32> pool_range(const Site& site);

/// The same in codes; input and output must have the same quantisation, as far as 1e-6 of a scale.
Result<tulle_range_i32> pool_codes(const Site& site);

/// Calls part(pool, y, i) for parts i of the rows, whose answers begin at y, in parallel.
template <class T, class Part>
void pool_parts(const Io& io, const tulle_pool& pool, Part part) {
  const tulle_window& over = pool.window;
  const int64_t row = int64_t{over.out_w} * pool.channels;
  // As much work as a window inside the image may be; no more than needed to tell that it is much.
  const int64_t taps = std::min<int64_t>(over.taps_h, 8) * std::min<int64_t>(over.taps_w, 8);
  in_parts(io, pool.rows, row * taps, [&](int64_t first, int64_t rows, int i) {
    tulle_pool mine = pool;
    mine.first_row = first;
    mine.rows = rows;
    part(mine, io.out<T>(0) + first * row, i);
  });
}

/// The kernel of a loop that needs no memory.
template <class T, class Range>
Kernel pool_kernel(const tulle_pool& pool, Range range, void (*loop)(const T*, const tulle_pool*, Range, T*)) {
  return [=](const Io& io) -> Result<void> {
    pool_parts<T>(io, pool, [&](const tulle_pool& part, T* y, int) { loop(io.in<T>(0), &part, range, y); });
    return {};
  };
}

/// The kernel of a loop with a row of sums.
template <class T, class Sum, class Range>
Kernel pool_kernel(Site& site, const tulle_pool& pool, Range range,
                   void (*loop)(const T*, const tulle_pool*, Range, Sum*, T*)) {
  const auto sums = static_cast<size_t>(
      site.scratch(sizeof(Sum) * static_cast<uint64_t>(pool.channels) * static_cast<uint64_t>(site.workers)));
  return [=](const Io& io) -> Result<void> {
    pool_parts<T>(io, pool, [&](const tulle_pool& part, T* y, int i) {
      loop(io.in<T>(0), &part, range, reinterpret_cast<Sum*>(io.scratch[sums]) + int64_t{pool.channels} * i, y);
    });
    return {};
  };
}

}  // namespace tulle::ops
