// Any bytes as a pack: it is refused, or all of its blocks lie inside it and are found again. The table's checksum is
// made right, so that what a forger may write is met, too.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/hash.h"
#include "runtime/pack.h"

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

void read(std::span<const std::byte> file, const tulle::PackTarget& target) {
  const tulle::Buffer copy = tulle::Buffer::copy(file);
  const auto pack = tulle::Pack::read(copy.bytes, copy.owner, target);
  if (!pack) return check(!pack.error().message.empty());
  for (size_t i = 0; i < (*pack)->size(); ++i) {
    check((*pack)->find((*pack)->key(i)) == i);
    const auto block = (*pack)->block(i);
    if (!block) continue;
    check(block->size() == (*pack)->block_bytes(i));
    check(block->data() >= copy.bytes.data() && reinterpret_cast<uintptr_t>(block->data()) % 64 == 0);
    check(block->data() + block->size() <= copy.bytes.data() + copy.bytes.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static_assert(std::endian::native == std::endian::little);
  const tulle::PackTarget target{"fuzz", 1000, 0x1234567890};
  std::vector<std::byte> bytes(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);
  read(bytes, target);
  uint64_t count;
  if (size < 112) return 0;
  std::memcpy(&count, data + 56, sizeof count);
  if (count > (size - 112) / 40) return 0;
  const size_t end = 104 + static_cast<size_t>(count) * 40;
  const uint64_t sum = tulle::hash(std::span(bytes).first(end)), whole = size;
  std::memcpy(bytes.data() + end, &sum, sizeof sum);
  read(bytes, target);
  std::memcpy(bytes.data() + 48, &whole, sizeof whole);
  const uint64_t again = tulle::hash(std::span(bytes).first(end));
  std::memcpy(bytes.data() + end, &again, sizeof again);
  read(bytes, target);
  return 0;
}
