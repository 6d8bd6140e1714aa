// After: what to do with a part of a result as soon as it is there.
#pragma once

#include <cstdint>

namespace tulle {

/// Called for ranges of finished elements, each element once, from several threads at once.
struct After {
  void (*call)(const void* self, int64_t first, int64_t count);
  const void* self;
};

}  // namespace tulle
