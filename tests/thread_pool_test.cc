// The pool of helpers: every index once, worker numbers in range, one holder at a time.
#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

namespace tulle {
namespace {

/// Runs a loop of `count` on whatever the hold got; the first thing that is wrong with it, or empty.
std::string loop(const ThreadPool::Hold& hold, int threads, int count) {
  std::vector<std::atomic<int>> calls(static_cast<size_t>(count));
  std::vector<std::atomic<int>> inside(static_cast<size_t>(threads));
  std::atomic<int> outside{0}, shared{0};
  parallel(hold.pool(), count, [&](int i, int worker) {
    if (i < 0 || i >= count || worker < 0 || worker >= (hold.pool() == nullptr ? 1 : threads)) {
      ++outside;
      return;
    }
    // Scratch memory is cut by worker numbers: two threads must not have the same at a time.
    if (inside[static_cast<size_t>(worker)].fetch_add(1) != 0) ++shared;
    ++calls[static_cast<size_t>(i)];
    --inside[static_cast<size_t>(worker)];
  });
  if (outside != 0) return "an index or a worker out of range";
  if (shared != 0) return "a worker number of two threads";
  if (!std::ranges::all_of(calls, [](const auto& n) { return n == 1; })) return "an index not run exactly once";
  return "";
}

TEST(ThreadPool, RunsEveryIndexOnce) {
  ThreadPool pool(4);
  EXPECT_GE(pool.threads(), 1);
  EXPECT_LE(pool.threads(), std::min(4, usable_cpus()));
  const ThreadPool::Hold hold(&pool);
  EXPECT_EQ(hold.pool() != nullptr, pool.threads() > 1);
  for (const int count : {0, 1, 2, 3, 4, 5, 7, 64, 1000, 100000}) EXPECT_EQ(loop(hold, pool.threads(), count), "");
}

TEST(ThreadPool, ManyShortLoops) {
  ThreadPool pool(usable_cpus());
  for (int round = 0; round < 200; ++round) {
    const ThreadPool::Hold hold(&pool);
    for (int i = 0; i < 50; ++i) ASSERT_EQ(loop(hold, pool.threads(), i % 9), "") << round << " " << i;
  }
}

TEST(ThreadPool, ResultsAreSeenAfterTheLoop) {
  ThreadPool pool(usable_cpus());
  const ThreadPool::Hold hold(&pool);
  std::vector<int> values(64);
  for (int round = 1; round <= 2000; ++round) {
    parallel(hold.pool(), 64, [&](int i, int) { values[static_cast<size_t>(i)] += i + round; });
    parallel(hold.pool(), 64, [&](int i, int) { values[static_cast<size_t>(i)] -= i; });
  }
  for (const int value : values) ASSERT_EQ(value, 2000 * 2001 / 2);
}

TEST(ThreadPool, HelpersJoinIn) {
  ThreadPool pool(2);
  if (pool.threads() < 2) GTEST_SKIP() << "one CPU";
  const ThreadPool::Hold hold(&pool);
  // Each of two tasks waits for the other to begin.
  std::atomic<int> begun{0};
  std::atomic<int> workers{0};
  parallel(hold.pool(), 2, [&](int, int worker) {
    workers.fetch_or(1 << worker);
    ++begun;
    while (begun < 2) std::this_thread::yield();
  });
  EXPECT_EQ(workers, 3);
}

TEST(ThreadPool, APoolOfOneHasNoHelpers) {
  for (const int threads : {1, 0, -3}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), 1);
    const ThreadPool::Hold hold(&pool);
    EXPECT_EQ(hold.pool(), nullptr);
    EXPECT_EQ(loop(hold, 1, 10), "");
  }
  const ThreadPool::Hold none(nullptr);
  EXPECT_EQ(none.pool(), nullptr);
  EXPECT_EQ(loop(none, 1, 10), "");
}

TEST(ThreadPool, ASecondHoldWorksAlone) {
  ThreadPool pool(2);
  if (pool.threads() < 2) GTEST_SKIP() << "one CPU";
  std::optional<ThreadPool::Hold> first(&pool);
  {
    const ThreadPool::Hold second(&pool);
    EXPECT_EQ(second.pool(), nullptr);
    EXPECT_EQ(loop(second, 1, 20), "");
    EXPECT_EQ(loop(*first, pool.threads(), 20), "");
  }
  // The end of the second has not given the first one's helpers away.
  const ThreadPool::Hold third(&pool);
  EXPECT_EQ(third.pool(), nullptr);
  EXPECT_EQ(loop(*first, pool.threads(), 20), "");
  first.reset();
  const ThreadPool::Hold fourth(&pool);
  EXPECT_EQ(fourth.pool(), &pool);
  EXPECT_EQ(loop(fourth, pool.threads(), 20), "");
}

TEST(ThreadPool, OneHolderAtATime) {
  ThreadPool pool(usable_cpus());
  std::atomic<int> holders{0}, wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 300; ++round) {
        const ThreadPool::Hold hold(&pool);
        if (hold.pool() != nullptr && holders.fetch_add(1) != 0) ++wrong;
        for (int i = 0; i < 4; ++i)
          if (!loop(hold, pool.threads(), 6).empty()) ++wrong;
        if (hold.pool() != nullptr) --holders;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadPool, EndsWhileIdle) {
  for (int round = 0; round < 300; ++round) {
    ThreadPool pool(3);  // some end before their helpers have begun
    if (round % 3 == 0) continue;
    for (int i = 0; i < round % 4; ++i) {
      const ThreadPool::Hold hold(&pool);
      if (round % 2 == 0) {
        ASSERT_EQ(loop(hold, pool.threads(), 3), "");
      }
    }
    if (round % 50 == 1) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace
}  // namespace tulle
