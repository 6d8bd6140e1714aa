// Function: a callable that is owned, moved and called; the standard's is not in every library yet.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace tulle {

template <class Signature>
class Function;

/// Empty or one callable; calling an empty one is not allowed.
template <class R, class... Args>
class Function<R(Args...)> {
 public:
  Function() = default;
  Function(std::nullptr_t) {}
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, Function> && std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
  Function(F&& f)
      : self_(new std::decay_t<F>(std::forward<F>(f))),
        call_([](void* self, Args... args) -> R {
          return (*static_cast<std::decay_t<F>*>(self))(std::forward<Args>(args)...);
        }),
        drop_([](void* self) { delete static_cast<std::decay_t<F>*>(self); }) {}
  Function(Function&& other) noexcept { swap(other); }
  Function& operator=(Function&& other) noexcept {
    Function(std::move(other)).swap(*this);
    return *this;
  }
  ~Function() {
    if (self_ != nullptr) drop_(self_);
  }

  explicit operator bool() const { return self_ != nullptr; }
  R operator()(Args... args) { return call_(self_, std::forward<Args>(args)...); }

 private:
  void swap(Function& other) {
    std::swap(self_, other.self_);
    std::swap(call_, other.call_);
    std::swap(drop_, other.drop_);
  }

  void* self_ = nullptr;
  R (*call_)(void*, Args...) = nullptr;
  void (*drop_)(void*) = nullptr;
};

}  // namespace tulle
