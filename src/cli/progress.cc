// The bar is drawn by a thread of its own, so that one long step shows, too.
#include "cli/progress.h"

#include <algorithm>
#include <cstdio>

#include "cli/verb.h"

namespace tulle::cli {
namespace {

constexpr size_t kWidth = 30;
constexpr std::chrono::milliseconds kPatience{1000}, kPause{200};

}  // namespace

Progress::Progress(std::string what, size_t total) : what_(std::move(what)), total_(total) {
  if (!decorated(2)) return;
  thread_ = std::jthread([this](const std::stop_token& stop) {
    const auto start = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    const auto never = [] { return false; };
    for (auto pause = kPatience; !ended_.wait_for(lock, stop, pause, never) && !stop.stop_requested(); pause = kPause)
      draw(std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start));
  });
}

Progress::~Progress() {
  thread_ = {};  // asks it to stop and waits
  clear();
}

void Progress::step() {
  const std::lock_guard lock(mutex_);
  ++done_;
}

void Progress::print(std::string_view text) {
  const std::lock_guard lock(mutex_);
  clear();
  print_text(text);
  std::fflush(stdout);
}

void Progress::draw(std::chrono::seconds elapsed) {
  const size_t filled = total_ == 0 ? 0 : std::min(done_, total_) * kWidth / total_;
  std::string bar = fmt::format("[{:=<{}}{: <{}}] {}/{}", "", filled, "", kWidth - filled, done_, total_);
  if (total_ < 2) bar.clear();
  std::fprintf(stderr, "\r\033[K%s %s %ds", what_.c_str(), bar.c_str(), static_cast<int>(elapsed.count()));
  std::fflush(stderr);
  shown_ = true;
}

void Progress::clear() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace tulle::cli
