// The memory planner, and the checker that must not believe it.
#include "runtime/plan.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace tulle {
namespace {

TEST(Plan, ReusesWhatIsDead) {
  const Life lives[] = {{1000, 0, 1}, {1000, 1, 2}, {1000, 2, 3}, {1000, 3, 4}};
  const Plan plan = plan_memory(lives);
  EXPECT_TRUE(check_plan(lives, plan));
  EXPECT_EQ(plan.bytes, 2048u);
  EXPECT_EQ(plan.lower_bound, 2048u);
}

TEST(Plan, InPlaceChainsShareOnePlace) {
  const Life lives[] = {{640, 0, 1}, {640, 1, 2, 0}, {640, 2, 5, 1}, {64, 2, 2}};
  const Plan plan = plan_memory(lives);
  EXPECT_TRUE(check_plan(lives, plan));
  EXPECT_EQ(plan.offsets[0], plan.offsets[1]);
  EXPECT_EQ(plan.offsets[1], plan.offsets[2]);
  EXPECT_EQ(plan.bytes, 704u);
}

TEST(Plan, PartsMoveWithTheirWhole) {
  // A part that ends before its whole is complete, one in place of another, a part of a part.
  const Life lives[] = {
      {1000, 0, 5}, {100, 0, 3, -1, 0, 200}, {100, 3, 5, 1, 0, 200}, {36, 4, 4, -1, 2, 40}, {64, 2, 9}};
  const Plan plan = plan_memory(lives);
  const auto verdict = check_plan(lives, plan);
  EXPECT_TRUE(verdict) << verdict.error().message;
  EXPECT_EQ(plan.offsets[1], plan.offsets[0] + 200);
  EXPECT_EQ(plan.offsets[2], plan.offsets[0] + 200);
  EXPECT_EQ(plan.offsets[3], plan.offsets[0] + 240);
  EXPECT_EQ(plan.bytes, 1024u + 64);
}

TEST(Plan, EmptyAndZeroSized) {
  EXPECT_EQ(plan_memory({}).bytes, 0u);
  const Life lives[] = {{0, 0, 9}, {0, 0, 9}, {1, 3, 3}};
  EXPECT_TRUE(check_plan(lives, plan_memory(lives)));
}

TEST(Plan, RandomPlansHoldAndStayNearTheBound) {
  std::mt19937 random(7);
  double worst = 1;
  for (int round = 0; round < 300; ++round) {
    const int count = round % 10 == 0 ? 5000 : 1 + static_cast<int>(random() % 120);
    std::vector<Life> lives;
    for (int i = 0; i < count; ++i) {
      const int first = static_cast<int>(random() % 200);
      lives.push_back({random() % 5000, first, first + static_cast<int>(random() % 20)});
    }
    const Plan plan = plan_memory(lives);
    const auto verdict = check_plan(lives, plan);
    ASSERT_TRUE(verdict) << verdict.error().message;
    ASSERT_GE(plan.bytes, plan.lower_bound);
    if (count < 4096) worst = std::max(worst, static_cast<double>(plan.bytes) / static_cast<double>(plan.lower_bound));
  }
  EXPECT_LT(worst, 1.5);
}

TEST(CheckPlan, FindsEveryKindOfMistake) {
  const Life lives[] = {{100, 0, 2}, {100, 2, 3}, {100, 5, 6}};
  const Plan good{{0, 128, 0}, 256, 256};
  EXPECT_TRUE(check_plan(lives, good));
  EXPECT_FALSE(check_plan(lives, Plan{{0, 64, 0}, 256, 256})) << "overlap at the step both need";
  EXPECT_FALSE(check_plan(lives, Plan{{0, 130, 0}, 256, 256})) << "alignment";
  EXPECT_FALSE(check_plan(lives, Plan{{0, 192, 0}, 256, 256})) << "past the end";
  EXPECT_FALSE(check_plan(lives, Plan{{0, 128}, 256, 256})) << "a block without a place";
}

TEST(CheckPlan, InPlaceOnlyAtTheLastReader) {
  const Plan same{{0, 0}, 128, 128};
  EXPECT_TRUE(check_plan(std::array<Life, 2>{{{100, 0, 2}, {100, 2, 3, 0}}}, same));
  EXPECT_FALSE(check_plan(std::array<Life, 2>{{{100, 0, 3}, {100, 2, 3, 0}}}, same)) << "the one below is still read";
  EXPECT_FALSE(check_plan(std::array<Life, 2>{{{120, 0, 2}, {100, 2, 3, 0}}}, same)) << "sizes differ";
  EXPECT_FALSE(check_plan(std::array<Life, 2>{{{100, 0, 2}, {100, 2, 3}}}, same)) << "not declared";
}

TEST(CheckPlan, PartsLieWhereTheySay) {
  const Life whole{1000, 2, 6}, part{100, 3, 5, -1, 0, 200};
  const Plan good{{0, 200}, 1024, 1024};
  const auto with = [&](auto change) {
    std::array<Life, 2> lives{whole, part};
    change(lives);
    return check_plan(lives, good).has_value();
  };
  EXPECT_TRUE(with([](auto&) {}));
  EXPECT_FALSE(with([](auto& lives) { lives[1].inside = -1; })) << "not declared";
  EXPECT_FALSE(with([](auto& lives) { lives[1].at = 264; })) << "elsewhere";
  EXPECT_FALSE(with([](auto& lives) { lives[1].first = 1; })) << "before the whole";
  EXPECT_FALSE(with([](auto& lives) { lives[1].last = 7; })) << "after the whole";
  EXPECT_FALSE(with([](auto& lives) { lives[0].bytes = 299; })) << "past its end";
  EXPECT_FALSE(with([](auto& lives) { lives[1].at = SIZE_MAX; })) << "far past its end";
  EXPECT_FALSE(with([](auto& lives) { lives[1].inside = 1; })) << "in itself";
  EXPECT_FALSE(check_plan(std::array<Life, 2>{whole, part}, Plan{{0, 264}, 1024, 1024})) << "placed elsewhere";
}

TEST(CheckPlan, PartsOfOneWholeAreDisjoint) {
  const auto of_two = [](const Life& a, const Life& b, size_t at_a, size_t at_b) {
    const Life lives[] = {{1000, 0, 9}, a, b};
    return check_plan(lives, Plan{{0, at_a, at_b}, 1024, 1024}).has_value();
  };
  EXPECT_TRUE(of_two({100, 0, 9, -1, 0, 0}, {100, 0, 9, -1, 0, 100}, 0, 100));
  EXPECT_FALSE(of_two({100, 0, 9, -1, 0, 0}, {100, 0, 9, -1, 0, 99}, 0, 99));
  EXPECT_TRUE(of_two({100, 0, 4, -1, 0, 0}, {100, 5, 9, -1, 0, 99}, 0, 99)) << "one after the other";
  EXPECT_FALSE(of_two({100, 0, 5, -1, 0, 0}, {100, 5, 9, -1, 0, 99}, 0, 99)) << "both at step 5";
  EXPECT_TRUE(of_two({100, 0, 5, -1, 0, 8}, {100, 5, 9, 1, 0, 8}, 8, 8)) << "in place";
}

TEST(CheckPlan, NothingIsMadeInPlaceOfPartsStillNeeded) {
  const Plan plan{{0, 64, 0}, 128, 128};
  const auto with = [&](int32_t last) {
    const Life lives[] = {{128, 0, 3}, {64, 1, last, -1, 0, 64}, {128, 3, 4, 0}};
    return check_plan(lives, plan).has_value();
  };
  EXPECT_TRUE(with(2));
  EXPECT_FALSE(with(3));
}

TEST(CheckPlan, RandomOverlapsAreFound) {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Life> lives;
    Plan plan;
    for (int i = 0; i < 6; ++i) {
      const int first = static_cast<int>(random() % 6);
      lives.push_back({64 * (random() % 4), first, first + static_cast<int>(random() % 3)});
      plan.offsets.push_back(64 * (random() % 12));
    }
    plan.bytes = 64 * 16;
    bool overlap = false;
    for (size_t a = 0; a < lives.size(); ++a)
      for (size_t b = 0; b < a; ++b)
        overlap |= lives[a].bytes > 0 && lives[b].bytes > 0 && lives[a].first <= lives[b].last &&
                   lives[b].first <= lives[a].last && plan.offsets[a] < plan.offsets[b] + lives[b].bytes &&
                   plan.offsets[b] < plan.offsets[a] + lives[a].bytes;
    ASSERT_EQ(check_plan(lives, plan).has_value(), !overlap) << "round " << round;
  }
}

}  // namespace
}  // namespace tulle
