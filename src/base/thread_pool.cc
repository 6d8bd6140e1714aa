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
  shares_ = std::make_unique<Share[]>(static_cast<size_t>(helpers) + 1);
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

constexpr int kMostChunks = 0xFFFF;

uint32_t loop_of(uint64_t word) { return static_cast<uint32_t>(word >> 32); }

}  // namespace

void ThreadPool::run(int count, Call call, void* self) {
  call_ = call;
  self_ = self;
  count_ = count;
  chunks_ = std::min(count, kMostChunks);
  const uint32_t loop = ++loop_;
  ended_.store(0, std::memory_order_relaxed);
  // A helper looks at its own share for the next loop, so those before it are there when it does.
  const int64_t workers = threads();
  for (int64_t w = 0; w < workers; ++w) {
    const auto first = static_cast<uint64_t>(chunks_ * w / workers),
               last = static_cast<uint64_t>(chunks_ * (w + 1) / workers);
    shares_[static_cast<size_t>(w)].word.store(uint64_t{loop} << 32 | first << 16 | last, std::memory_order_release);
  }
  work(loop, 0);
  spin([&] { return ended_.load(std::memory_order_acquire) == chunks_; });
}

int ThreadPool::claim(uint32_t loop, Share& share, bool own) {
  uint64_t word = share.word.load(std::memory_order_acquire);
  while (loop_of(word) == loop) {
    const auto first = static_cast<int>(word >> 16 & 0xFFFF), last = static_cast<int>(word & 0xFFFF);
    if (first >= last) break;
    if (share.word.compare_exchange_weak(word, own ? word + (1 << 16) : word - 1, std::memory_order_acq_rel,
                                         std::memory_order_acquire))
      return own ? first : last - 1;
  }
  return -1;
}

void ThreadPool::work(uint32_t loop, int worker) {
  for (int k = 0; k < threads(); ++k) {
    Share& share = shares_[static_cast<size_t>((worker + k) % threads())];
    for (int chunk; (chunk = claim(loop, share, k == 0)) >= 0;) {
      const auto end = static_cast<int>(int64_t{count_} * (chunk + 1) / chunks_);
      for (auto i = static_cast<int>(int64_t{count_} * chunk / chunks_); i < end; ++i) call_(self_, i, worker);
      ended_.fetch_add(1, std::memory_order_release);
    }
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
    const std::atomic<uint64_t>& word = shares_[static_cast<size_t>(worker)].word;
    spin([&] {
      return loop_of(word.load(std::memory_order_acquire)) != seen || awake_.load(std::memory_order_relaxed) != awake;
    });
    const uint32_t loop = loop_of(word.load(std::memory_order_acquire));
    if (loop == seen) continue;
    seen = loop;
    work(loop, worker);
  }
}

}  // namespace tulle
