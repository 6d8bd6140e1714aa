// Bytes: an aligned block of heap memory that knows its size; refused memory is an answer, not a crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "base/room.h"
#include "runtime/plan.h"

namespace tulle {

class Bytes {
 public:
  Bytes() = default;
  Bytes(Bytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}
  Bytes& operator=(Bytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~Bytes() { ::operator delete(data_, std::align_val_t{kAlignment}); }

  /// Makes room for `bytes`, losing the contents where it has to grow; false where the system refuses. Never null
  /// after.
  [[nodiscard]] bool reserve(uint64_t bytes) {
    if (data_ != nullptr && bytes <= capacity_) return true;
    if (bytes > PTRDIFF_MAX) return false;
    const size_t capacity = bytes == 0 ? kAlignment : static_cast<size_t>(bytes);
    auto* data = static_cast<std::byte*>(::operator new(capacity, std::align_val_t{kAlignment}, std::nothrow));
    if (data != nullptr && !has_room(0)) {
      ::operator delete(data, std::align_val_t{kAlignment});
      return false;
    }
    if (data == nullptr) return false;
    ::operator delete(data_, std::align_val_t{kAlignment});
    data_ = data;
    capacity_ = capacity;
    return true;
  }
  void zero() {
    if (data_ != nullptr) std::memset(data_, 0, capacity_);
  }
  std::byte* data() const { return data_; }
  size_t capacity() const { return capacity_; }

 private:
  std::byte* data_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace tulle
