// The place of the largest or smallest of a row, on vectors. Included by *.simd.cc alone.
#pragma once

#include <limits>
#include <type_traits>
#include <utility>

#include "kernels/simd.h"
#include "ops/arg.ref.h"

namespace tulle::ops::TULLE_ISA {
namespace {

/// Vectors short enough for rows of a few dozen elements; places are as wide as elements.
template <class T>
struct Short {
  static constexpr int kBytes = sizeof(T) == 1 || kernels::TULLE_ISA::kBytes < 32 ? 16 : 32;
  static constexpr int kLanes = kBytes / static_cast<int>(sizeof(T));
  using Place = std::conditional_t<sizeof(T) == 1, uint8_t, int32_t>;
  typedef T Elements __attribute__((vector_size(kBytes)));
  typedef Place Places __attribute__((vector_size(kBytes)));
};

/// What `better` leaves of all lanes, in each of them. Takes log2(lanes) turns by half of what is left.
template <int kBy, int... kLane, class V, class Better>
TULLE_INLINE V across(V v, Better better, std::integer_sequence<int, kLane...> lanes) {
  v = better(__builtin_shufflevector(v, v, ((kLane + kBy) % static_cast<int>(sizeof...(kLane)))...), v);
  if constexpr (kBy > 1)
    return across<kBy / 2>(v, better, lanes);
  else
    return v;
}

/// Of a row of at least as many elements as a vector has, the last of which overlaps the one before.
template <bool kMost, class T>
TULLE_INLINE int32_t best_place(const T* x, int32_t size) {
  using S = Short<T>;
  using V = typename S::Elements;
  using P = typename S::Places;
  constexpr auto kOrder = std::make_integer_sequence<int, S::kLanes>();
  using Limits = std::numeric_limits<T>;
  constexpr T kInfinity = Limits::has_infinity ? Limits::infinity() : Limits::max();
  constexpr T kWorst = !kMost ? kInfinity : Limits::has_infinity ? -kInfinity : Limits::lowest();
  const auto better = [](V a, V b) { return kMost ? (a > b ? a : b) : (a < b ? a : b); };
  const auto earlier = [](P a, P b) { return a < b ? a : b; };
  const auto at = [&](int32_t i) { return i < size - S::kLanes ? i : size - S::kLanes; };
  V best;
  P first;
  for (int i = 0; i < S::kLanes; ++i) best[i] = kWorst, first[i] = static_cast<typename S::Place>(i);
  for (int32_t i = 0; i < size; i += S::kLanes) best = better(kernels::TULLE_ISA::load<V>(x + at(i)), best);
  best = across<S::kLanes / 2>(best, better, kOrder);
  constexpr auto kNone = std::numeric_limits<typename S::Place>::max();
  P place = P{} + kNone;
  for (int32_t i = 0; i < size; i += S::kLanes) {
    const V same = kernels::TULLE_ISA::load<V>(x + at(i));
    place = earlier(same == best ? first + static_cast<typename S::Place>(at(i)) : P{} + kNone, place);
  }
  place = across<S::kLanes / 2>(place, earlier, kOrder);
  return place[0] == kNone ? 0 : place[0];  // nothing is the best of a row of NaN
}

/// A tulle_arg; `kPlain` does the cases that vectors do not fit.
template <bool kMost, class T, tulle_arg kPlain>
void best_places(const void* x, int32_t outer, int32_t size, int32_t inner, int32_t* best) {
  if (inner != 1 || size < Short<T>::kLanes || (sizeof(T) == 1 && size > UINT8_MAX))
    return kPlain(x, outer, size, inner, best);
  for (int32_t o = 0; o < outer; ++o)
    best[o] = best_place<kMost>(static_cast<const T*>(x) + static_cast<int64_t>(o) * size, size);
}

}  // namespace
}  // namespace tulle::ops::TULLE_ISA
