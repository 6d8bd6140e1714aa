// The loops around ranges and codes of rows.
#include "ops/row_quantiser.h"

#include <algorithm>

#include "ops/in_parts.h"

namespace tulle::ops {
namespace {

struct Range {
  float low, high;
};
constexpr int32_t kUnit = 8;  ///< elements that are rounded alike; see tulle_quantize_codes

}  // namespace

RowQuantiser::RowQuantiser(Site& site, bool symmetric)
    : loops_(&loops(site)),
      symmetric_(symmetric),
      ranges_(static_cast<size_t>(site.scratch(sizeof(Range) * static_cast<uint64_t>(site.workers)))) {}

void RowQuantiser::operator()(const Io& io, const float* x, int64_t rows, int32_t count, int8_t* q,
                              tulle_row_scale* scales) const {
  const int threads = io.pool == nullptr ? 1 : io.pool->threads();
  if (threads == 1 || rows >= threads) {
    in_parts(io, rows, count, [&](int64_t first, int64_t some, int) {
      for (int64_t r = first; r < first + some; ++r) {
        Range range;
        loops_->tulle_row_range(x + r * count, count, &range.low, &range.high);
        const tulle_row_codes by = codes_of(range.low, range.high);
        loops_->tulle_quantize_codes(x + r * count, count, by.inverse, by.row.zero_point, by.least, q + r * count);
        scales[r] = by.row;
      }
    });
    return;
  }
  const int32_t units = count / kUnit + (count % kUnit != 0 ? 1 : 0);
  auto* ranges = reinterpret_cast<Range*>(io.scratch[ranges_]);
  for (int64_t r = 0; r < rows; ++r, x += count, q += count) {
    const auto parts = [&](auto part) {
      in_parts(io, units, kUnit, [&](int64_t first, int64_t some, int i) {
        const auto from = static_cast<int32_t>(first * kUnit);
        part(from, static_cast<int32_t>(std::min<int64_t>(some * kUnit, count - from)), i);
      });
    };
    std::fill_n(ranges, threads, Range{0, 0});
    parts([&](int32_t from, int32_t some, int i) {
      loops_->tulle_row_range(x + from, some, &ranges[i].low, &ranges[i].high);
    });
    for (int i = 1; i < threads; ++i)
      ranges[0] = {std::min(ranges[0].low, ranges[i].low), std::max(ranges[0].high, ranges[i].high)};
    const tulle_row_codes by = codes_of(ranges[0].low, ranges[0].high);
    parts([&](int32_t from, int32_t some, int) {
      loops_->tulle_quantize_codes(x + from, some, by.inverse, by.row.zero_point, by.least, q + from);
    });
    scales[r] = by.row;
  }
}

}  // namespace tulle::ops
