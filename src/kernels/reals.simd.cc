// Sums of integers to reals, with the roundings of tulle_scaled_reals.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

/// A vector, or what is left of the channels.
template <class V, class T>
TULLE_INLINE V some(const T* from, int left) {
  return left == kLanes ? load<V>(from) : load_part<V>(from, left);
}

template <bool kInTurn>
TULLE_INLINE void scaled(const RealsTile& tile) {
  const F32 by = fill(tile.scale), low = fill(tile.low), high = fill(tile.high);
  const int64_t stride = tile.stride, y_stride = tile.y_stride;
  const int32_t rows = tile.rows;
  for (int32_t c = 0; c < tile.channels; c += kLanes) {
    const int left = tile.channels - c < kLanes ? tile.channels - c : kLanes;
    const F32 own = some<F32>(tile.scales + c, left), scale = kInTurn ? own : by * own;
    const F32 bias = tile.bias != nullptr ? some<F32>(tile.bias + c, left) : F32{};
    const I32 inner = tile.weight_sums != nullptr ? some<I32>(tile.weight_sums + c, left) * tile.inner : I32{};
    const int32_t* sums = tile.sums + c;
    float* y = tile.y + c;
    for (int32_t m = 0; m < rows; ++m, sums += stride, y += y_stride) {
      const F32 product = __builtin_convertvector(load<I32>(sums) - inner, F32) * scale;
      const F32 real = (kInTurn ? product * by : product) + bias;
      const F32 bounded = min(max(real, low), high);
      if (left == kLanes)
        store(y, bounded);
      else
        store_part(y, bounded, left);
    }
  }
}

}  // namespace

void reals(const RealsTile& tile) {
  if (tile.in_turn)
    scaled<true>(tile);
  else
    scaled<false>(tile);
}

}  // namespace tulle::kernels::TULLE_ISA
