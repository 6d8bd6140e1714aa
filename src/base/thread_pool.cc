// Helpers and what they wait for.
#include "base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <cstdio>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tulle {
namespace {

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// CPUs' worth of time a period that a control group grants (version 2, then 1); 0 where there is no limit.
int quota() {
  long long limit = -1, period = 0;
  if (std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "re")) {
    if (std::fscanf(file, "%lld %lld", &limit, &period) != 2) limit = -1;  // "max 100000"
    std::fclose(file);
  } else if (std::FILE* old = std::fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re")) {
    if (std::fscanf(old, "%lld", &limit) != 1) limit = -1;
    std::fclose(old);
    if (std::FILE* other = std::fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re")) {
      if (std::fscanf(other, "%lld", &period) != 1) period = 0;
      std::fclose(other);
    }
  }
  return limit > 0 && period > 0 ? static_cast<int>(std::min((limit + period - 1) / period, 4096LL)) : 0;
}

}  // namespace

int usable_cpus() {
  cpu_set_t set;
  int cpus = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                           : static_cast<int>(std::thread::hardware_concurrency());
  if (const int granted = quota(); granted > 0) cpus = std::min(cpus, granted);
  return std::max(cpus, 1);
}

template <class Done>
void ThreadPool::spin(Done done) {
  // About a tenth of a millisecond: longer than the gaps between an inference's loops, short where a CPU is wanted.
  constexpr int kSpins = 4000;
  for (int i = 0; !done(); ++i) {
    if (i < kSpins)
      pause();
    else
      std::this_thread::yield();
  }
}

ThreadPool::ThreadPool(int threads) {
  const int helpers = std::clamp(threads, 1, usable_cpus()) - 1;
  helpers_.reserve(static_cast<size_t>(helpers));
  for (int i = 0; i < helpers; ++i) helpers_.emplace_back([this, i] { help(i + 1); });
}

ThreadPool::~ThreadPool() {
  stop_.store(true);
  awake_.fetch_add(1);
  awake_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

ThreadPool::Hold::Hold(ThreadPool* pool) : pool_(pool) {
  if (pool_ == nullptr) return;
  if (pool_->helpers_.empty() || pool_->held_.exchange(true, std::memory_order_acquire)) {
    pool_ = nullptr;
    return;
  }
  pool_->awake_.fetch_add(1);
  pool_->awake_.notify_all();
}

ThreadPool::Hold::~Hold() {
  if (pool_ == nullptr) return;
  pool_->awake_.fetch_add(1);
  pool_->held_.store(false, std::memory_order_release);
}

namespace {

uint32_t loop_of(uint64_t next) { return static_cast<uint32_t>(next >> 32); }

}  // namespace

void ThreadPool::run(int count, Call call, void* self) {
  loop_.call.store(call, std::memory_order_relaxed);
  loop_.self.store(self, std::memory_order_relaxed);
  loop_.count.store(count, std::memory_order_relaxed);
  ended_.store(0, std::memory_order_relaxed);
  const uint32_t loop = loop_of(next_.load(std::memory_order_relaxed)) + 1;
  next_.store(uint64_t{loop} << 32, std::memory_order_release);
  work(loop, 0);
  spin([&] { return ended_.load(std::memory_order_acquire) == count; });
}

void ThreadPool::work(uint32_t loop, int worker) {
  uint64_t next = next_.load(std::memory_order_acquire);
  while (loop_of(next) == loop) {
    const Call call = loop_.call.load(std::memory_order_relaxed);
    void* self = loop_.self.load(std::memory_order_relaxed);
    const auto i = static_cast<int>(next & 0xFFFFFFFF);
    if (i >= loop_.count.load(std::memory_order_relaxed)) return;
    if (!next_.compare_exchange_weak(next, next + 1, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
    call(self, i, worker);
    ended_.fetch_add(1, std::memory_order_release);
    next = next_.load(std::memory_order_acquire);
  }
}

void ThreadPool::help(int worker) {
  uint32_t seen = 0;
  while (true) {
    const uint32_t awake = awake_.load();
    if (stop_.load()) return;
    if (awake % 2 == 0) {
      // Where one inference follows another at once, waking up would take longer than small ones do.
      constexpr int kGrace = 2000;
      for (int i = 0; i < kGrace && awake_.load(std::memory_order_relaxed) == awake; ++i) pause();
      awake_.wait(awake);
      continue;
    }
    spin([&] {
      return loop_of(next_.load(std::memory_order_acquire)) != seen || awake_.load(std::memory_order_relaxed) != awake;
    });
    const uint32_t loop = loop_of(next_.load(std::memory_order_acquire));
    if (loop == seen) continue;
    seen = loop;
    work(loop, worker);
  }
}

}  // namespace tulle
