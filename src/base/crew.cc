// The cutting of loops, the sharing out of helpers, and what helpers wait for.
#include "base/crew.h"

#include <sched.h>

#include <algorithm>
#include <cstdio>
#include <thread>

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

/// Waits until `done()`: spinning at first, then letting others run.
template <class Done>
void spin(Done done) {
  // About a tenth of a millisecond: longer than the gaps between an inference's loops, short where a CPU is wanted.
  constexpr int kSpins = 4000;
  for (int i = 0; !done(); ++i) {
    if (i < kSpins)
      pause();
    else
      std::this_thread::yield();
  }
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

constexpr int kMostChunks = 0xFFFF;

uint32_t loop_of(uint64_t word) { return static_cast<uint32_t>(word >> 32); }

}  // namespace

int usable_cpus() {
  cpu_set_t set;
  int cpus = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                           : static_cast<int>(std::thread::hardware_concurrency());
  if (const int granted = quota(); granted > 0) cpus = std::min(cpus, granted);
  return std::max(cpus, 1);
}

Team::Team(int workers) : shares_(static_cast<size_t>(workers)) {}

void Team::run(int count, Call call, void* self, int helpers) {
  call_ = call;
  self_ = self;
  count_ = count;
  chunks_ = std::min(count, kMostChunks);
  const uint32_t loop = ++loop_;
  const int64_t workers = helpers + 1;
  workers_.store(helpers + 1, std::memory_order_relaxed);
  ended_.store(0, std::memory_order_relaxed);
  // A helper looks at its own share for the next loop, so those before it are there when it does.
  for (int64_t w = 0; w < workers; ++w) {
    const auto first = static_cast<uint64_t>(chunks_ * w / workers),
               last = static_cast<uint64_t>(chunks_ * (w + 1) / workers);
    shares_[static_cast<size_t>(w)].word.store(uint64_t{loop} << 32 | first << 16 | last, std::memory_order_release);
  }
  work(loop, 0, [] { return true; });
  spin([&] { return ended_.load(std::memory_order_acquire) == chunks_; });
}

int Team::claim(uint32_t loop, Share& share, bool own) {
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

template <class Stays>
void Team::work(uint32_t loop, int worker, Stays stays) {
  const int workers = workers_.load(std::memory_order_relaxed);
  for (int k = 0; k < workers; ++k) {
    Share& share = shares_[static_cast<size_t>((worker + k) % workers)];
    for (int chunk; stays() && (chunk = claim(loop, share, k == 0)) >= 0;) {
      const auto end = static_cast<int>(int64_t{count_} * (chunk + 1) / chunks_);
      for (auto i = static_cast<int>(int64_t{count_} * chunk / chunks_); i < end; ++i) call_(self_, i, worker);
      ended_.fetch_add(1, std::memory_order_release);
    }
  }
}

void Team::serve(int worker, const std::atomic<uint32_t>& order, uint32_t own) {
  const auto stays = [&] { return order.load(std::memory_order_relaxed) == own; };
  Share& share = shares_[static_cast<size_t>(worker)];
  // Who was this worker before may be in the middle of something still.
  bool mine = false;
  spin([&] {
    mine = !share.manned.load(std::memory_order_relaxed) && !share.manned.exchange(true, std::memory_order_acquire);
    return mine || !stays();
  });
  if (!mine) return;
  for (uint32_t seen = 0; stays();) {
    spin([&] { return loop_of(share.word.load(std::memory_order_acquire)) != seen || !stays(); });
    const uint32_t loop = loop_of(share.word.load(std::memory_order_acquire));
    if (loop == seen) continue;
    seen = loop;
    work(loop, worker, stays);
  }
  share.manned.store(false, std::memory_order_release);
}

std::shared_ptr<Crew> Crew::of_process() {
  static std::mutex mutex;
  static std::weak_ptr<Crew> crew;
  const std::lock_guard lock(mutex);
  auto found = crew.lock();
  if (found == nullptr) crew = found = std::make_shared<Crew>();
  return found;
}

Crew::~Crew() {
  if (::getpid() != process_) return;  // the child of a fork has no helpers
  const int started = started_;
  for (int h = 0; h < started; ++h) {
    helpers_[static_cast<size_t>(h)].order.exchange(kStop);
    helpers_[static_cast<size_t>(h)].order.notify_one();
  }
  for (int h = 0; h < started; ++h) ::pthread_join(helpers_[static_cast<size_t>(h)].thread, nullptr);
}

int Crew::hire(int threads) {
  if (threads <= 1) return 1;
  const std::lock_guard lock(mutex_);
  if (cpus_ == 0) cpus_ = std::min(usable_cpus(), 0x8000);
  const int wanted = std::min(threads, cpus_) - 1;
  if (wanted > 0 && helpers_ == nullptr) {
    helpers_ = std::make_unique<Helper[]>(static_cast<size_t>(cpus_) - 1);
    posts_.resize(static_cast<size_t>(cpus_) - 1);
    // With more runs than half the CPUs, fewer CPUs than that are left for helpers.
    for (int i = 0; i < cpus_ / 2; ++i) teams_.push_back(std::make_unique<Team>(cpus_));
  }
  for (int h = started_; h < wanted; ++h) {
    Helper& helper = helpers_[static_cast<size_t>(h)];
    helper.crew = this;
    const auto start = [](void* self) -> void* {
      auto& helper = *static_cast<Helper*>(self);
      helper.crew->help(helper);
      return nullptr;
    };
    if (::pthread_create(&helper.thread, nullptr, start, &helper) != 0) break;
    started_.store(h + 1, std::memory_order_release);
  }
  return wanted + 1;
}

Team* Crew::free_team(int helpers) {
  if (helpers == 0) return nullptr;
  for (const auto& team : teams_)
    if (int none = 0; team->wanted_.load(std::memory_order_relaxed) == 0 &&
                      team->wanted_.compare_exchange_strong(none, helpers, std::memory_order_acq_rel))
      return team.get();
  return nullptr;
}

Team* Crew::begin(int helpers) {
  running_.fetch_add(1);
  Team* team = free_team(helpers);
  share_out();
  return team;
}

Team* Crew::begin_late(int helpers) {
  if (running_.load(std::memory_order_relaxed) >= cpus_) return nullptr;
  Team* team = free_team(helpers);
  if (team != nullptr) share_out();
  return team;
}

void Crew::end(Team* team) {
  if (team != nullptr) team->wanted_.store(0, std::memory_order_release);
  running_.fetch_sub(1);
  share_out();
}

void Crew::share_out() {
  if (started_.load(std::memory_order_acquire) == 0) return;
  // Whoever is at it already sees to this change as well.
  if (changes_.fetch_add(1, std::memory_order_acq_rel) != 0) return;
  behind_.store(false, std::memory_order_relaxed);
  // Where others keep coming and going, one's own run comes first.
  constexpr int kMostRounds = 8;
  uint32_t seen = 1;
  for (int round = 0; round < kMostRounds; ++round) {
    assign();
    if (changes_.compare_exchange_strong(seen, 0, std::memory_order_acq_rel)) return;
  }
  changes_.exchange(0, std::memory_order_acq_rel);
  behind_.store(true, std::memory_order_relaxed);
}

void Crew::find_shares() {
  const int running = running_.load(std::memory_order_acquire);
  const int most = std::clamp(cpus_ - running, 0, started_.load(std::memory_order_acquire));
  int left = most, hungry = 0;
  for (const auto& team : teams_) {
    team->asked_ = team->wanted_.load(std::memory_order_acquire);
    team->due_ = 0;
    hungry += team->asked_ > 0;
  }
  while (left > 0 && hungry > 0) {
    const int each = std::max(left / hungry, 1);
    hungry = 0;
    for (const auto& team : teams_) {
      const int more = std::min({each, team->asked_ - team->due_, left});
      team->due_ += more;
      left -= more;
      hungry += team->due_ < team->asked_;
    }
  }
  spare_.store(cpus_ - running - (most - left), std::memory_order_relaxed);
}

void Crew::assign() {
  find_shares();
  const auto team_of = [](uint32_t post) { return (post >> 16) - 1; };
  const auto started = static_cast<size_t>(started_.load(std::memory_order_acquire));
  // The helpers of a team are its workers 1, 2, …: the last ones leave, and who comes goes on from there.
  for (size_t h = 0; h < started; ++h)
    if (uint32_t& post = posts_[h].now; post != kIdle && static_cast<int>(post & 0xFFFF) > teams_[team_of(post)]->due_)
      post = kIdle;
  size_t next = 0;
  for (size_t t = 0; t < teams_.size(); ++t) {
    Team& team = *teams_[t];
    for (auto worker = static_cast<uint32_t>(team.has_) + 1; worker <= static_cast<uint32_t>(team.due_); ++worker) {
      while (posts_[next].now != kIdle) ++next;
      posts_[next].now = static_cast<uint32_t>(t + 1) << 16 | worker;
    }
    team.has_ = team.due_;
    team.helpers_.store(team.due_, std::memory_order_relaxed);
  }
  for (size_t h = 0; h < started; ++h) {
    Post& post = posts_[h];
    if (post.now != post.told) tell(helpers_[h], post.told, post.now);
    post.told = post.now;
  }
}

void Crew::tell(Helper& helper, uint32_t before, uint32_t order) {
  // Only who is idle falls asleep.
  if (before != kIdle)
    helper.order.store(order, std::memory_order_release);
  else if (helper.order.exchange(order, std::memory_order_acq_rel) == kAsleep)
    helper.order.notify_one();
}

void Crew::help(Helper& self) {
  while (true) {
    uint32_t order = self.order.load(std::memory_order_acquire);
    if (order == kStop) return;
    if (order == kIdle) {
      // Where one inference follows another at once, waking up would take longer than small ones do.
      constexpr int kGrace = 2000;
      for (int i = 0; i < kGrace && spare_.load(std::memory_order_relaxed) > 0; ++i) {
        if (self.order.load(std::memory_order_relaxed) != kIdle) break;
        pause();
      }
      self.order.compare_exchange_strong(order, kAsleep);
    } else if (order == kAsleep) {
      self.order.wait(kAsleep);
    } else {
      teams_[(order >> 16) - 1]->serve(static_cast<int>(order & 0xFFFF), self.order, order);
    }
  }
}

}  // namespace tulle
