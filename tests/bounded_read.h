// Reading a .tflite file while what is allocated is counted. Replaces operator new, so one source of a program has it.
#pragma once

#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <span>

#include "formats/tflite.h"
#include "graph/text.h"

namespace {

// What is allocated at the moment, and the most there was since `most_live` was last set.
std::atomic<size_t> live, most_live;

void* counted(void* memory) {
  if (memory == nullptr) std::abort();
  const size_t now = live += malloc_usable_size(memory);
  if (now > most_live) most_live = now;
  return memory;
}

}  // namespace

void* operator new(size_t size) { return counted(std::malloc(size)); }
void* operator new(size_t size, std::align_val_t alignment) {
  const auto step = static_cast<size_t>(alignment);
  return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}
void operator delete(void* memory) noexcept {
  live -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept { operator delete(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { operator delete(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { operator delete(memory); }

namespace tulle::tflite {

/// The most memory a read may take at one moment for a file of this size: the allowance, and as much again for the
/// tables of the check and for messages.
inline size_t memory_bound(size_t file) { return (size_t{1} << 18) + 64 * file; }

inline Result<Model> read_bounded(std::span<const std::byte> bytes) {
  const size_t before = live;
  most_live = before;
  auto model = read(bytes, nullptr);
  EXPECT_LE(most_live - before, memory_bound(bytes.size()));
  return model;
}

/// What reads also prints and writes, and the bytes written stand for themselves.
inline void expect_usable(const Model& model) {
  EXPECT_FALSE(print(model, Weights::kInline).empty());
  const auto written = write(model);
  ASSERT_TRUE(written) << written.error().message;
  const auto again = read(*written, nullptr);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(write(*again).value() == *written);
}

}  // namespace tulle::tflite
