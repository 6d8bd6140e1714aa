// ThreadPool: what a session has of the helpers of the process, which spin while it runs and are asleep otherwise.
#pragma once

#include <memory>

namespace tulle {

class Crew;
class Team;

class ThreadPool {
 public:
  /// At most `threads` work on a loop, the caller among them; never more than the crew's CPUs. The crew is the
  /// process's, unless one is given.
  explicit ThreadPool(int threads);
  ThreadPool(int threads, std::shared_ptr<Crew> crew);

  int threads() const { return threads_; }

  /// A run: while one lives, the thread that made it takes its share of the process's helpers (crew.h has the rule). A
  /// pool has one at a time.
  class Hold {
   public:
    explicit Hold(ThreadPool* pool);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    /// Null where the pool is, or is of one thread.
    ThreadPool* pool() const { return pool_ == nullptr || pool_->threads_ == 1 ? nullptr : pool_; }

   private:
    ThreadPool* pool_;
  };

  /// Calls task(i, worker) for each i < count, worker < threads(), and returns when all are done. Only while held.
  /// Each worker begins with a share of its own, the same of every loop of `count` while the run's helpers are the
  /// same, so that what it wrote in one it finds in its cache in the next; who has finished takes over from the end of
  /// the others' shares.
  template <class Task>
  void run(int count, Task& task) {
    run(count, [](void* self, int i, int worker) { (*static_cast<Task*>(self))(i, worker); }, &task);
  }

 private:
  void run(int count, void (*call)(void* self, int i, int worker), void* self);

  std::shared_ptr<Crew> crew_;
  int threads_;
  Team* team_ = nullptr;  ///< while held
};

/// Calls task(i, worker) for each i < count, on the pool's threads or, where it is null, in turn with worker 0.
template <class Task>
void parallel(ThreadPool* pool, int count, Task task) {
  if (pool != nullptr && count > 1) return pool->run(count, task);
  for (int i = 0; i < count; ++i) task(i, 0);
}

}  // namespace tulle
