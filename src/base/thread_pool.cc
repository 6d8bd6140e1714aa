// The runs of a session, and the share of helpers that each loop of theirs takes.
#include "base/thread_pool.h"

#include <algorithm>
#include <utility>

#include "base/crew.h"

namespace tulle {

ThreadPool::ThreadPool(int threads) : ThreadPool(threads, Crew::of_process()) {}

ThreadPool::ThreadPool(int threads, std::shared_ptr<Crew> crew)
    : crew_(std::move(crew)), threads_(crew_->hire(threads)) {}

ThreadPool::Hold::Hold(ThreadPool* pool) : pool_(pool) {
  if (pool_ != nullptr) pool_->team_ = pool_->crew_->begin(pool_->threads_ - 1);
}

ThreadPool::Hold::~Hold() {
  if (pool_ != nullptr) pool_->crew_->end(std::exchange(pool_->team_, nullptr));
}

void ThreadPool::run(int count, void (*call)(void* self, int i, int worker), void* self) {
  crew_->catch_up();
  if (team_ == nullptr) team_ = crew_->begin_late(threads_ - 1);
  // What the team's run before was given may be there still.
  const int helpers = team_ == nullptr ? 0 : std::min(team_->helpers(), threads_ - 1);
  if (helpers > 0) return team_->run(count, call, self, helpers);
  for (int i = 0; i < count; ++i) call(self, i, 0);
}

}  // namespace tulle
