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
  template <class Task>
  void run(int count, Task& task) {
    run(count, [](void* self, int i, int worker) { (*static_cast<Task*>(self))(i, worker); }, &task);
  }

 private:
  using Call = void (*)(void* self, int i, int worker);
  /// Of the loop in progress; changes only where no call of the last one is left to begin or to end.
  struct Loop {
    std::atomic<Call> call = nullptr;
    std::atomic<void*> self = nullptr;
    std::atomic<int> count = 0;
  };

  void run(int count, Call call, void* self);
  void help(int worker);
  /// Makes calls of a loop until none is left to begin.
  void work(uint32_t loop, int worker);
  /// Waits until `done()`: spinning at first, then letting others run.
  template <class Done>
  static void spin(Done done);

  std::vector<std::thread> helpers_;
  std::atomic<bool> held_{false};
  std::atomic<uint32_t> awake_{0};  ///< odd while held
  std::atomic<bool> stop_{false};
  Loop loop_;
  /// Which loop it is, in the upper half, and its next call. Whoever moves it on has seen that loop's Loop; a helper
  /// that never gets to run is waited for by nobody.
  alignas(64) std::atomic<uint64_t> next_{0};
  alignas(64) std::atomic<int> ended_{0};  ///< calls of the loop
};

/// Calls task(i, worker) for each i < count, on the pool's threads or, where it is null, in turn with worker 0.
template <class Task>
void parallel(ThreadPool* pool, int count, Task task) {
  if (pool != nullptr && count > 1) return pool->run(count, task);
  for (int i = 0; i < count; ++i) task(i, 0);
}

}  // namespace tulle
