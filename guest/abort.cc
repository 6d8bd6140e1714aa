// What the C++ library calls where its rules are broken or memory runs out. Its own functions print before they stop,
// and would bring all of printf into each module.
#include <version>

#include <__verbose_abort>
#include <cstdlib>
#include <new>

void std::__libcpp_verbose_abort(const char*, ...) { __builtin_trap(); }

namespace {

void* or_stop(void* memory) {
  if (memory == nullptr) __builtin_trap();
  return memory;
}

}  // namespace

void* operator new(size_t size) { return or_stop(std::malloc(size == 0 ? 1 : size)); }
void* operator new(size_t size, std::align_val_t align) { return or_stop(operator new(size, align, std::nothrow)); }
void* operator new(size_t size, std::align_val_t align, const std::nothrow_t&) noexcept {
  const auto unit = static_cast<size_t>(align);
  return std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
