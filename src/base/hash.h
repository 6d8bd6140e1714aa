// hash: 64 bits that tell byte strings apart, for looking constants up by their contents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tulle {

/// XXH64 of the bytes with seed 0: fast and well mixed, the same on every machine, and no defence against somebody who
/// makes two byte strings collide on purpose.
uint64_t hash(std::span<const std::byte> bytes);

/// The same for bytes that come in pieces.
class Hasher {
 public:
  /// Takes all of the next piece, whose size must be a multiple of 32.
  void add(std::span<const std::byte> piece);
  /// The hash of all pieces and of `rest` behind them, of any size.
  uint64_t end(std::span<const std::byte> rest) const;

 private:
  uint64_t lanes_[4] = {0x60EA27EEADC0B5D6, 0xC2B2AE3D27D4EB4F, 0, 0x61C8864E7A143579};
  uint64_t size_ = 0;
};

}  // namespace tulle
