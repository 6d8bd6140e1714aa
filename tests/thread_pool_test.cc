// The pools of sessions and the crew that they share: every index once, worker numbers in range, fair shares of
// helpers.
#include "base/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "base/crew.h"

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

/// A loop of as many tasks as it names threads, each of which waits for all others to begin; the workers, as bits.
int meet(const ThreadPool::Hold& hold, int threads) {
  std::atomic<int> begun{0}, workers{0};
  parallel(hold.pool(), threads, [&](int, int worker) {
    workers.fetch_or(1 << worker);
    ++begun;
    while (begun < threads) std::this_thread::yield();
  });
  return workers;
}

TEST(ThreadPool, RunsEveryIndexOnce) {
  for (const int cpus : {1, 2, 4, 7}) {
    ThreadPool pool(4, std::make_shared<Crew>(cpus));
    EXPECT_EQ(pool.threads(), std::min(4, cpus));
    const ThreadPool::Hold hold(&pool);
    EXPECT_EQ(hold.pool() != nullptr, pool.threads() > 1);
    for (const int count : {0, 1, 2, 3, 4, 5, 7, 64, 1000, 100000}) EXPECT_EQ(loop(hold, pool.threads(), count), "");
  }
}

TEST(ThreadPool, ManyShortLoops) {
  for (const int cpus : {2, 4}) {
    ThreadPool pool(cpus, std::make_shared<Crew>(cpus));
    for (int round = 0; round < 200; ++round) {
      const ThreadPool::Hold hold(&pool);
      for (int i = 0; i < 50; ++i) ASSERT_EQ(loop(hold, pool.threads(), i % 9), "") << round << " " << i;
    }
  }
}

TEST(ThreadPool, ResultsAreSeenAfterTheLoop) {
  ThreadPool pool(4, std::make_shared<Crew>(4));
  const ThreadPool::Hold hold(&pool);
  std::vector<int> values(64);
  for (int round = 1; round <= 2000; ++round) {
    parallel(hold.pool(), 64, [&](int i, int) { values[static_cast<size_t>(i)] += i + round; });
    parallel(hold.pool(), 64, [&](int i, int) { values[static_cast<size_t>(i)] -= i; });
  }
  for (const int value : values) ASSERT_EQ(value, 2000 * 2001 / 2);
}

TEST(ThreadPool, HelpersJoinIn) {
  ThreadPool pool(3, std::make_shared<Crew>(4));
  for (int run = 0; run < 3; ++run) {
    const ThreadPool::Hold hold(&pool);
    EXPECT_EQ(meet(hold, 3), 7);
    if (run == 1) std::this_thread::sleep_for(std::chrono::milliseconds(20));  // they give the CPU up
    EXPECT_EQ(meet(hold, 2) & ~7, 0);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // they fall asleep
  const ThreadPool::Hold hold(&pool);
  EXPECT_EQ(meet(hold, 3), 7);
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

TEST(ThreadPool, AProcessHasOneCrew) {
  std::weak_ptr<Crew> crew;
  {
    const std::shared_ptr<Crew> first = Crew::of_process();
    crew = first;
    EXPECT_EQ(Crew::of_process(), first);
    ThreadPool one(2), two(10000);
    EXPECT_EQ(one.threads(), std::min(2, usable_cpus()));
    EXPECT_EQ(two.threads(), usable_cpus());
    EXPECT_EQ(first.use_count(), 3);
  }
  EXPECT_TRUE(crew.expired());
}

TEST(ThreadPool, RunsShareHelpersEvenly) {
  Crew crew(8);
  crew.hire(8);
  const auto helpers = [](const std::vector<Team*>& teams) {
    std::vector<int> counts;
    for (const Team* team : teams) counts.push_back(team->helpers());
    return counts;
  };
  using Counts = std::vector<int>;
  Team* a = crew.begin(7);
  EXPECT_EQ(helpers({a}), Counts{7});
  Team* b = crew.begin(7);
  EXPECT_EQ(helpers({a, b}), (Counts{3, 3}));
  crew.begin(0);  // of one thread
  EXPECT_EQ(helpers({a, b}), (Counts{3, 2}));
  Team* c = crew.begin(1);
  EXPECT_EQ(helpers({a, b, c}), (Counts{2, 1, 1}));
  crew.end(nullptr);
  EXPECT_EQ(helpers({a, b, c}), (Counts{2, 2, 1}));
  crew.end(b);
  EXPECT_EQ(helpers({a, c}), (Counts{5, 1}));
  b = crew.begin(3);
  EXPECT_EQ(helpers({a, b, c}), (Counts{2, 2, 1}));
  crew.end(a);
  EXPECT_EQ(helpers({b, c}), (Counts{3, 1}));
  crew.end(b);
  crew.end(c);
  // More runs than CPUs work alone; those that come late ask again.
  std::vector<Team*> all;
  for (int i = 0; i < 10; ++i) all.push_back(crew.begin(7));
  for (const Team* team : all) EXPECT_TRUE(team == nullptr || team->helpers() == 0);
  EXPECT_EQ(all.back(), nullptr);
  for (size_t i = 0; i < 9; ++i) crew.end(all[i]);
  Team* late = crew.begin_late(7);
  ASSERT_NE(late, nullptr);
  EXPECT_EQ(late->helpers(), 7);
  crew.end(late);
}

TEST(ThreadPool, RunsThatBeginAndEndAtOnceAreAllCounted) {
  constexpr int kRuns = 3, kCpus = 8;
  Crew crew(kCpus);
  crew.hire(kCpus);
  std::barrier together(kRuns);
  std::atomic<int> helpers{0}, wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kRuns; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 2000; ++round) {
        together.arrive_and_wait();
        Team* team = crew.begin(kCpus - 1);
        together.arrive_and_wait();
        helpers += team->helpers();
        together.arrive_and_wait();
        if (t == 0 && helpers.exchange(0) != kCpus - kRuns) ++wrong;
        crew.end(team);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadPool, HelpersAreHiredAsAskedFor) {
  Crew crew(8);
  Team* alone = crew.begin(0);
  EXPECT_EQ(alone, nullptr);
  crew.end(alone);
  crew.hire(3);
  Team* team = crew.begin(2);
  EXPECT_EQ(team->helpers(), 2);
  crew.hire(100);
  Team* other = crew.begin(7);
  EXPECT_EQ(other->helpers(), 4);
  EXPECT_EQ(team->helpers(), 2);
  crew.end(team);
  crew.end(other);
}

TEST(ThreadPool, ARunThatEndsLeavesItsHelpersToTheOther) {
  const auto crew = std::make_shared<Crew>(4);
  ThreadPool one(4, crew), two(4, crew);
  std::barrier both(2), apart(2);
  std::thread other([&] {
    for (int round = 0; round < 20; ++round) {
      {
        const ThreadPool::Hold hold(&two);
        both.arrive_and_wait();
        EXPECT_EQ(meet(hold, 2), 3);
        both.arrive_and_wait();
      }
      apart.arrive_and_wait();
      apart.arrive_and_wait();
    }
  });
  for (int round = 0; round < 20; ++round) {
    const ThreadPool::Hold hold(&one);
    both.arrive_and_wait();
    EXPECT_EQ(meet(hold, 2), 3);
    both.arrive_and_wait();
    apart.arrive_and_wait();
    EXPECT_EQ(meet(hold, 4), 15);
    apart.arrive_and_wait();
  }
  other.join();
}

TEST(ThreadPool, ARunWithoutATeamFindsOneLater) {
  const auto crew = std::make_shared<Crew>(2);
  ThreadPool one(2, crew), two(2, crew);
  std::optional<ThreadPool::Hold> first(&one);
  const ThreadPool::Hold second(&two);
  EXPECT_EQ(loop(second, 2, 20), "");
  EXPECT_EQ(loop(*first, 2, 20), "");
  first.reset();
  EXPECT_EQ(meet(second, 2), 3);
}

TEST(ThreadPool, AHelperWantedElsewhereLeavesAfterItsChunk) {
  const auto crew = std::make_shared<Crew>(2);
  ThreadPool pool(2, crew);
  const ThreadPool::Hold hold(&pool);
  std::atomic<bool> joined{false};
  std::atomic<int> tasks{0};
  parallel(hold.pool(), 100, [&](int, int worker) {
    if (worker == 0) {
      while (!joined) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    } else if (++tasks == 1) {
      crew->begin(0);
      joined = true;
    }
  });
  EXPECT_EQ(tasks, 1);
  crew->end(nullptr);
  EXPECT_EQ(meet(hold, 2), 3);
}

TEST(ThreadPool, AWorkerNumberIsOfOneThreadAtATime) {
  const auto crew = std::make_shared<Crew>(4);
  crew->hire(4);
  Team* before = crew->begin(1);
  ThreadPool pool(2, crew);
  const ThreadPool::Hold hold(&pool);
  crew->end(before);  // the first helper is idle, the second helps
  std::atomic<int> inside{0}, most{0};
  std::atomic<bool> joined{false};
  parallel(hold.pool(), 100, [&](int, int worker) {
    if (worker == 0) {
      while (!joined) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      return;
    }
    const int now = ++inside;
    if (now > most) most = now;
    if (!joined.exchange(true)) {
      // It loses its place to the first helper while it is here.
      for (int i = 0; i < 3; ++i) crew->begin(0);
      for (int i = 0; i < 3; ++i) crew->end(nullptr);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    --inside;
  });
  EXPECT_EQ(most, 1);
}

TEST(ThreadPool, NoMoreThreadsWorkThanThereAreCpus) {
  constexpr int kCpus = 4;
  const auto crew = std::make_shared<Crew>(kCpus);
  for (const int runs : {1, 2, 3, 4, 6}) {
    std::atomic<int> working{0}, most{0};
    std::barrier together(runs);
    std::vector<std::thread> threads;
    for (int t = 0; t < runs; ++t)
      threads.emplace_back([&, t] {
        ThreadPool pool(t == 2 ? 1 : kCpus, crew);
        for (int round = 0; round < 10; ++round) {
          const ThreadPool::Hold hold(&pool);
          together.arrive_and_wait();
          for (int i = 0; i < 20; ++i)
            parallel(hold.pool(), 24, [&](int, int) {
              const int now = ++working;
              for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
              }
              std::this_thread::yield();
              --working;
            });
          together.arrive_and_wait();
        }
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_LE(most, std::max(kCpus, runs)) << runs;
    EXPECT_TRUE(runs != 2 || most > 2) << most;  // helpers were among them
  }
}

TEST(ThreadPool, ManyRunsAtOnce) {
  for (const int cpus : {2, 5}) {
    const auto crew = std::make_shared<Crew>(cpus);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; ++t)
      threads.emplace_back([&, t] {
        ThreadPool pool(t + 1, crew);
        for (int round = 0; round < 300; ++round) {
          const ThreadPool::Hold hold(&pool);
          for (int i = 0; i < 4; ++i)
            if (!loop(hold, pool.threads(), 5 + t).empty()) ++wrong;
        }
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    // All helpers are still to be had.
    ThreadPool last(cpus, crew);
    const ThreadPool::Hold hold(&last);
    EXPECT_EQ(meet(hold, cpus), (1 << cpus) - 1);
  }
}

TEST(ThreadPool, PoolsComeAndGoUnderLoad) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::weak_ptr<Crew> crew;
      for (int round = 0; round < 100; ++round) {
        std::shared_ptr<Crew> own = crew.lock();
        if (own == nullptr) crew = own = t < 2 ? Crew::of_process() : std::make_shared<Crew>(3);
        ThreadPool pool(1 + round % 4, own);
        if (round % 5 != 0) own.reset();
        const ThreadPool::Hold hold(&pool);
        if (!loop(hold, pool.threads(), round % 7).empty()) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadPool, EndsWhileIdle) {
  for (int round = 0; round < 300; ++round) {
    ThreadPool pool(3, std::make_shared<Crew>(3));  // some end before their helpers have begun
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

TEST(ThreadPool, TheChildOfAForkWorksAlone) {
  std::optional<ThreadPool> pool;
  pool.emplace(3, std::make_shared<Crew>(3));
  {
    const ThreadPool::Hold hold(&*pool);
    EXPECT_EQ(meet(hold, 3), 7);
  }
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::string wrong;
    {
      const ThreadPool::Hold hold(&*pool);
      wrong = loop(hold, 3, 100);
    }
    pool.reset();
    ::_exit(wrong.empty() ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace tulle
