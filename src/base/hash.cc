// XXH64, after its published specification.
#include "base/hash.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tulle {
namespace {

constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87, kPrime2 = 0xC2B2AE3D27D4EB4F, kPrime3 = 0x165667B19E3779F9,
                   kPrime4 = 0x85EBCA77C2B2AE63, kPrime5 = 0x27D4EB2F165667C5;

/// Takes a little-endian integer off the front.
template <class T>
uint64_t take(std::span<const std::byte>& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  bytes = bytes.subspan(sizeof(value));
  return value;
}

uint64_t mix(uint64_t lane, uint64_t input) { return std::rotl(lane + input * kPrime2, 31) * kPrime1; }

}  // namespace

void Hasher::add(std::span<const std::byte> piece) {
  size_ += piece.size();
  uint64_t lanes[] = {lanes_[0], lanes_[1], lanes_[2], lanes_[3]};  // in registers
  while (piece.size() >= 32)
    for (uint64_t& lane : lanes) lane = mix(lane, take<uint64_t>(piece));
  std::copy(std::begin(lanes), std::end(lanes), lanes_);
}

uint64_t Hasher::end(std::span<const std::byte> rest) const {
  Hasher all = *this;
  all.add(rest.first(rest.size() / 32 * 32));
  rest = rest.last(rest.size() % 32);
  const uint64_t size = all.size_ + rest.size();
  uint64_t state = kPrime5;
  if (size >= 32) {
    const uint64_t* lanes = all.lanes_;
    state = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (int i = 0; i < 4; ++i) state = (state ^ mix(0, lanes[i])) * kPrime1 + kPrime4;
  }
  state += size;
  while (rest.size() >= 8) state = std::rotl(state ^ mix(0, take<uint64_t>(rest)), 27) * kPrime1 + kPrime4;
  if (rest.size() >= 4) state = std::rotl(state ^ take<uint32_t>(rest) * kPrime1, 23) * kPrime2 + kPrime3;
  while (!rest.empty()) state = std::rotl(state ^ take<uint8_t>(rest) * kPrime5, 11) * kPrime1;
  state = (state ^ state >> 33) * kPrime2;
  state = (state ^ state >> 29) * kPrime3;
  return state ^ state >> 32;
}

uint64_t hash(std::span<const std::byte> bytes) { return Hasher().end(bytes); }

}  // namespace tulle
