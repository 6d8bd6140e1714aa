// Work on many rows, shared between the threads of a session.
#pragma once

#include <algorithm>

#include "ops/op.h"

namespace tulle::ops {

/// Calls part(first, count, i) for ranges of `rows` rows of `row` elements each: part i of at most as many as there are
/// threads, in parallel where a part has `least` elements, which take longer than handing them over. Where Io::count is
/// given: for that range alone, whose rows are elements.
template <class Part>
void in_parts(const Io& io, int64_t rows, int64_t row, Part part, int64_t least = 16384) {
  if (io.count >= 0) return part(io.first, io.count, 0);
  const int64_t threads = io.pool == nullptr ? 1 : io.pool->threads();
  const auto parts = static_cast<int>(std::clamp<int64_t>(std::min(rows * row / least, rows), 1, threads));
  parallel(io.pool, parts, [&](int i, int) {
    const int64_t first = rows * i / parts;
    part(first, rows * (i + 1) / parts - first, i);
  });
}

}  // namespace tulle::ops
