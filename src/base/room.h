// Room: whether memory is left. Containers can't report that there is none, so what grows them asks before.
#pragma once

#include <cstdint>

namespace tulle {

/// What is left for small things after each large block.
inline constexpr uint64_t kSpare = 256 << 10;

/// Whether the system would give a block of so many bytes, and kSpare, now.
bool has_room(uint64_t bytes);

}  // namespace tulle
