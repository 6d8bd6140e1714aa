// The order of functions in modules for one model.
#include "cli/wasm_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tulle::cli {
namespace {

using Texts = std::vector<std::vector<uint8_t>>;

std::vector<uint8_t> noise(std::mt19937& random, size_t bytes) {
  std::vector<uint8_t> text(bytes);
  for (uint8_t& byte : text) byte = static_cast<uint8_t>(random());
  return text;
}

TEST(WasmOrder, FamiliesComeTogether) {
  std::mt19937 random(1);
  constexpr size_t kFamilies = 7, kMembers = 9;
  Texts founders, texts;
  for (size_t f = 0; f < kFamilies; ++f) founders.push_back(noise(random, 40 + 300 * f));
  for (size_t i = 0; i < kFamilies * kMembers; ++i) {
    texts.push_back(founders[i % kFamilies]);
    texts.back()[random() % texts.back().size()] ^= 1;
    texts.back().push_back(static_cast<uint8_t>(i));
  }
  const std::vector<uint32_t> order = order_by_likeness(texts);
  ASSERT_EQ(order.size(), texts.size());
  EXPECT_EQ(order[0], 0U);
  size_t changes = 0;
  for (size_t i = 1; i < order.size(); ++i) changes += order[i] % kFamilies != order[i - 1] % kFamilies;
  EXPECT_EQ(changes, kFamilies - 1);
}

TEST(WasmOrder, EveryTextOnce) {
  std::mt19937 random(2);
  for (size_t count : {0, 1, 2, 3, 100, 5000}) {
    Texts texts;
    for (size_t i = 0; i < count; ++i) texts.push_back(noise(random, random() % 12));
    std::vector<uint32_t> order = order_by_likeness(texts);
    EXPECT_EQ(order, order_by_likeness(texts));
    std::ranges::sort(order);
    ASSERT_EQ(order.size(), count);
    for (uint32_t i = 0; i < count; ++i) ASSERT_EQ(order[i], i);
  }
}

}  // namespace
}  // namespace tulle::cli
