// Asking by taking and giving back.
#include "base/room.h"

#include <cstdlib>

namespace tulle {

bool has_room(uint64_t bytes) {
  if (bytes > PTRDIFF_MAX - kSpare) return false;
  // Systems of 64 bits promise memory before it is there: asking takes time and says nothing.
  if (sizeof(void*) > 4) return true;
  // Volatile, or the compiler leaves both calls out.
  void* volatile block = std::malloc(static_cast<size_t>(bytes + kSpare));
  const bool given = block != nullptr;
  std::free(block);
  return given;
}

}  // namespace tulle
