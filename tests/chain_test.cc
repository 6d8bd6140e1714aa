// Which rows of a chain's steps are needed when, and that as many of them fit the memory set aside.
#include "runtime/chain.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tulle {
namespace {

using ops::RowReach;

/// Output rows of a window.
RowReach window(int32_t in, int32_t taps, int32_t stride, int32_t pad) {
  return {.in_rows = in, .out_rows = (in + 2 * pad - taps) / stride + 1, .stride = stride, .pad = pad, .reach = taps};
}

TEST(Chain, RowsAreThoseThatTapsFallOn) {
  const RowReach rows = window(10, 3, 2, 1);
  for (int32_t first = 0; first < rows.out_rows; ++first)
    for (int32_t last = first + 1; last <= rows.out_rows; ++last) {
      int32_t low = 10, high = 0;
      for (int32_t y = first; y < last; ++y)
        for (int32_t tap = 0; tap < 3; ++tap)
          if (const int32_t row = y * 2 - 1 + tap; row >= 0 && row < 10)
            low = std::min(low, row), high = std::max(high, row + 1);
      EXPECT_EQ(rows.needed({first, last}).first, low);
      EXPECT_EQ(rows.needed({first, last}).last, high);
    }
}

TEST(Chain, BandsFitTheirMemory) {
  for (const int32_t stride : {1, 2, 3})
    for (const int32_t taps : {1, 3, 5}) {
      Link first{window(97, 1, 1, 0), 1000}, second{window(97, taps, stride, taps / 2), 700};
      const int32_t rows = second.rows.out_rows;
      const Link links[] = {first, second, {window(rows, 3, 1, 1), 300}};
      for (const int64_t budget : {3000, 10'000, 40'000, 1'000'000}) {
        const ChainPlan plan = plan_chain(links, links[2].rows.out_rows, budget);
        EXPECT_LE(plan.bytes, budget);
        if (plan.band == 0) continue;
        // No band of so many rows needs more than there is room for, wherever it lies.
        for (int32_t row = 0; row < rows; ++row) {
          RowReach::Range needed[3];
          rows_needed(links, {row, std::min(row + plan.band, links[2].rows.out_rows)}, needed);
          for (size_t i = 0; i < 2; ++i) {
            const int64_t end = i == 0 ? plan.offsets[0] : plan.offsets[1];
            const int64_t room = (i == 0 ? plan.bytes : plan.offsets[0]) - end;
            EXPECT_LE((needed[i].last - needed[i].first) * links[i].row_bytes, room) << "step " << i;
          }
        }
      }
      EXPECT_EQ(plan_chain(links, 10, 500).band, 0);
    }
}

}  // namespace
}  // namespace tulle
