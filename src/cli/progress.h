// Progress: a sign of life on standard error for work that takes over a second, at a terminal.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace tulle::cli {

/// Shows, from a second after its making until it ends, how many of `total` steps are done, or with total 0 for how
/// long the work has been going on. Does nothing where standard error is no terminal or NO_COLOR is set.
class Progress {
 public:
  explicit Progress(std::string what, size_t total = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more step is done.
  void step();
  /// Prints results on standard output, the bar out of their way.
  void print(std::string_view text);

 private:
  void draw(std::chrono::seconds elapsed);
  void clear();

  std::string what_;
  size_t total_, done_ = 0;
  bool shown_ = false;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tulle::cli
