// Crew: the helpers of a process and whom they help; Team: the loops of one run, shared among its caller and helpers.
#pragma once

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace tulle {

/// CPUs that this process may use: its affinity, and its control group's quota rounded up. At least 1.
int usable_cpus();

class Team {
 public:
  using Call = void (*)(void* self, int i, int worker);

  /// At most `workers` at a time, worker 0 the caller.
  explicit Team(int workers);

  /// Calls call(self, i, worker) for each i < count, worker <= helpers, and returns when all are done; by the caller.
  void run(int count, Call call, void* self, int helpers);
  /// Takes part in loops that are cut for this worker for as long as `order` holds `own`; by a helper.
  void serve(int worker, const std::atomic<uint32_t>& order, uint32_t own);
  /// Helpers at the run's disposal.
  int helpers() const { return helpers_.load(std::memory_order_relaxed); }

 private:
  friend class Crew;

  /// A worker's share of a loop: which loop, in the upper half; then the first chunk that nobody has begun, and one
  /// past the last, 16 bits each. Chunks are claimed by moving these on, so that a helper that comes late finds either
  /// something to do or another loop, and one that never gets to run is waited for by nobody.
  struct alignas(64) Share {
    std::atomic<uint64_t> word{0};
    std::atomic<bool> manned{false};  ///< a helper is this worker; two never are at a time
  };

  /// Does chunks of a loop until none is left to begin, or until stays() is false.
  template <class Stays>
  void work(uint32_t loop, int worker, Stays stays);
  /// Claims a chunk of a share: its own worker's first one or, for others, the last. Negative where there is none.
  static int claim(uint32_t loop, Share& share, bool own);

  std::vector<Share> shares_;
  // The crew's.
  alignas(64) std::atomic<int> wanted_{0};  ///< helpers that the run is glad of; 0: the team is free
  std::atomic<int> helpers_{0};
  int asked_ = 0, due_ = 0, has_ = 0;  ///< by who shares out: wanted_ when it began, what it gives, what it gave
  /// Of the loop in progress. Read only by who has claimed a chunk of it, which the loop's end waits for.
  alignas(64) Call call_ = nullptr;
  void* self_ = nullptr;
  int count_ = 0, chunks_ = 0;
  uint32_t loop_ = 0;
  std::atomic<int> workers_{1};            ///< that it is cut for; read by late comers, too
  alignas(64) std::atomic<int> ended_{0};  ///< chunks of the loop
};

/// Who helps whom: each run in progress takes one CPU for its caller. The CPUs that are left are shared out among the
/// runs that want helpers, evenly, but no run gets more than it wants, and what it does not want goes to the others.
/// They are shared out anew whenever a run begins or ends, and a run goes by its share from its next loop on: a loop is
/// cut for the helpers that the run has when it starts, and others stay out of it. A helper that is wanted elsewhere
/// leaves after the chunk that it is at. Runs wait neither for helpers nor for other runs: where there are more runs
/// than CPUs all work alone, and a run that finds no team free works alone, too, and looks again at its next loop.
class Crew {
 public:
  /// The process's. Made by the first who asks; gone when nobody has it any more.
  static std::shared_ptr<Crew> of_process();
  /// 0: usable_cpus(), which the first asks for who hires.
  explicit Crew(int cpus = 0) : cpus_(cpus) {}
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// Sees to it that there are helpers for `threads` threads, as far as the system grants them. Returns `threads`, or
  /// how many CPUs there are where that is less.
  int hire(int threads);

  /// A run begins that is glad of `helpers` helpers, of as many as were hired. Null: it has no team, and works alone.
  Team* begin(int helpers);
  /// For a run without a team: asks again.
  Team* begin_late(int helpers);
  void end(Team* team);
  /// Shares out again where that was left undone.
  void catch_up() {
    if (behind_.load(std::memory_order_relaxed)) share_out();
  }

 private:
  /// What a helper has to do: one of these, or a team's number plus 1 in the upper half and which worker of it to be.
  enum : uint32_t { kIdle = 0, kAsleep = 1, kStop = 2 };
  struct alignas(64) Helper {
    std::atomic<uint32_t> order{kIdle};
    Crew* crew = nullptr;
    pthread_t thread{};
  };
  struct Post {
    uint32_t now = kIdle, told = kIdle;
  };

  Team* free_team(int helpers);
  void share_out();
  void find_shares();
  void assign();
  void tell(Helper& helper, uint32_t before, uint32_t order);
  void help(Helper& helper);

  int cpus_;
  const pid_t process_ = ::getpid();
  std::mutex mutex_;  ///< while hiring
  std::vector<std::unique_ptr<Team>> teams_;
  std::unique_ptr<Helper[]> helpers_;
  std::vector<Post> posts_;  ///< of helpers; by who shares out
  alignas(64) std::atomic<int> started_{0};
  std::atomic<bool> behind_{false};
  std::atomic<int> spare_{0};  ///< CPUs without caller and helper
  alignas(64) std::atomic<int> running_{0};
  std::atomic<uint32_t> changes_{0};  ///< that who shares out has not seen to; where 0, nobody is at it
};

}  // namespace tulle
