// hash: 64 bits that tell byte strings apart, for looking constants up by their contents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tulle {

/// XXH64 of the bytes with seed 0: fast and well mixed, the same on every machine, and no defence against somebody who
/// makes two byte strings collide on purpose.
uint64_t hash(std::span<const std::byte> bytes);

}  // namespace tulle
