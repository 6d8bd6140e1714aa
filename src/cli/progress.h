// Progress: a bar on standard error for work that takes over a second, at a terminal.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "cli/verb.h"

namespace tulle::cli {

class Progress {
 public:
  Progress(std::string what, size_t total, bool wanted) : what_(std::move(what)), total_(total), wanted_(wanted && total > 1 && decorated(2)) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more of `total` is done.
  void step() {
    ++done_;
    clear();
    if (!wanted_ || done_ == total_ || std::chrono::steady_clock::now() - start_ < std::chrono::seconds(1)) return;
    const int filled = static_cast<int>(done_ * 30 / total_);
    std::fprintf(stderr, "%s [%.*s%.*s] %zu/%zu", what_.c_str(), filled, "==============================", 30 - filled,
                 "                              ", done_, total_);
    std::fflush(stderr);
    shown_ = true;
  }

 private:
  void clear() {
    if (shown_) std::fprintf(stderr, "\r\033[K");
    shown_ = false;
  }

  std::string what_;
  size_t total_, done_ = 0;
  bool wanted_, shown_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace tulle::cli
