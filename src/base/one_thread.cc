// ThreadPool where programs have no threads: the caller does everything.
#include "base/thread_pool.h"

namespace tulle {

ThreadPool::ThreadPool(int) : ThreadPool(1, nullptr) {}
ThreadPool::ThreadPool(int threads, std::shared_ptr<Crew>) : threads_(threads) {}

ThreadPool::Hold::Hold(ThreadPool* pool) : pool_(pool) {}
ThreadPool::Hold::~Hold() = default;

void ThreadPool::run(int count, void (*call)(void* self, int i, int worker), void* self) {
  for (int i = 0; i < count; ++i) call(self, i, 0);
}

}  // namespace tulle
