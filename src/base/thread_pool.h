// ThreadPool: helpers that share the loops of one inference, spinning while it lasts and asleep otherwise.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace tulle {

/// CPUs that this process may use: its affinity, and its control group's quota rounded up. At least 1.
int usable_cpus();

class ThreadPool {
 public:
  /// At most `threads` work on a loop, the caller among them; never more than usable_cpus().
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(helpers_.size()) + 1; }

  /// While one lives, the helpers are awake and at the disposal of the thread that made it. Of several threads that
  /// ask at a time, one gets the helpers; the others find the pool held and work alone.
  class Hold {
   public:
    explicit Hold(ThreadPool* pool);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    /// The pool, or null where there is none or another thread has it.
    ThreadPool* pool() const { return pool_; }

   private:
    ThreadPool* pool_;
  };

  /// Calls task(i, worker) for each i < count, worker < threads(), and returns when all are done. Only while held.
  /// Each worker begins with a share of its own, the same of every loop of `count`, so that what it wrote in one it
  /// finds in its cache in the next; who has finished takes over from the end of the others' shares.
  template <class Task>
  void run(int count, Task& task) {
    run(count, [](void* self, int i, int worker) { (*static_cast<Task*>(self))(i, worker); }, &task);
  }

 private:
  using Call = void (*)(void* self, int i, int worker);
  /// A worker's share of a loop: which loop, in the upper half; then the first chunk that nobody has begun, and one
  /// past the last, 16 bits each. Chunks are claimed by moving these on, so that a helper that comes late finds either
  /// something to do or another loop, and one that never gets to run is waited for by nobody.
  struct alignas(64) Share {
    std::atomic<uint64_t> word{0};
  };

  void run(int count, Call call, void* self);
  void help(int worker);
  /// Does chunks of a loop until none is left to begin.
  void work(uint32_t loop, int worker);
  /// Claims a chunk of a share: its own worker's first one or, for others, the last. Negative where there is none.
  int claim(uint32_t loop, Share& share, bool own);
  /// Waits until `done()`: spinning at first, then letting others run.
  template <class Done>
  static void spin(Done done);

  std::vector<std::thread> helpers_;
  std::unique_ptr<Share[]> shares_;
  std::atomic<bool> held_{false};
  std::atomic<uint32_t> awake_{0};  ///< odd while held
  std::atomic<bool> stop_{false};
  /// Of the loop in progress. Read only by who has claimed a chunk of it, which the loop's end waits for.
  alignas(64) Call call_ = nullptr;
  void* self_ = nullptr;
  int count_ = 0, chunks_ = 0;
  uint32_t loop_ = 0;
  alignas(64) std::atomic<int> ended_{0};  ///< chunks of the loop
};

/// Calls task(i, worker) for each i < count, on the pool's threads or, where it is null, in turn with worker 0.
template <class Task>
void parallel(ThreadPool* pool, int count, Task task) {
  if (pool != nullptr && count > 1) return pool->run(count, task);
  for (int i = 0; i < count; ++i) task(i, 0);
}

}  // namespace tulle
