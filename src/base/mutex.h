// Mutex and Lock: the standard's, where programs have threads.
#pragma once

#if defined(__wasi__)
namespace tulle {
struct Mutex {};
struct [[nodiscard]] Lock {
  explicit Lock(Mutex&) {}
};
}  // namespace tulle
#else
#include <mutex>

namespace tulle {
using Mutex = std::mutex;
using Lock = std::scoped_lock<std::mutex>;
}  // namespace tulle
#endif
