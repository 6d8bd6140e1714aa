// Sums to 8-bit codes, a factor a channel.
#include "kernels/families.h"
#include "kernels/rescale.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

/// As a block of factors begins: see Kernels::codes.
struct Exact {
  Factors f;
  explicit Exact(const uint8_t* block)
      : f{load<I32>(block),
          load<U32>(block + kBytes),
          load<U64>(block + 2 * kBytes),
          load<U64>(block + 3 * kBytes),
          load<U64>(block + 4 * kBytes),
          load<U64>(block + 5 * kBytes)} {}
  TULLE_INLINE I32 of(I32 x, const Exact& e) { return rescale<false>(x + e.f.bias, e.f); }
};
struct ExactTies : Exact {
  using Exact::Exact;
  TULLE_INLINE I32 of(I32 x, const ExactTies& e) { return rescale<true>(x + e.f.bias, e.f); }
};

template <class How>
TULLE_INLINE void codes_of(const CodesTile& tile) {
  constexpr int kStep = 2 * kLanes;
  const I16 zero = fill16(static_cast<int16_t>(tile.zero_point));
  const I16 low = fill16(static_cast<int16_t>(tile.low)), high = fill16(static_cast<int16_t>(tile.high));
  const auto* block = static_cast<const uint8_t*>(tile.factors);
  const int32_t rows = tile.rows, channels = tile.channels;
  const int64_t stride = tile.stride, y_stride = tile.y_stride;
  for (int32_t c = 0; c < channels; c += kStep, block += 2 * kFactorVectors * kBytes) {
    const How first(block), second(block + kFactorVectors * kBytes);
    const int left = channels - c;
    const int32_t* sums = tile.sums + c;
    uint8_t* y = tile.y + c;
    for (int32_t m = 0; m < rows; ++m, sums += stride, y += y_stride) {
      I32 a = load<I32>(sums), b = left > kLanes ? load<I32>(sums + kLanes) : I32{};
      if (tile.row_totals != nullptr) {
        const I32 total = fill(tile.row_totals[m]);
        a += total;
        b += total;
      }
      const I16 wide = add_saturated(narrow(How::of(a, first), How::of(b, second)), zero);
      const Half8 bytes = low_bytes(min(max(wide, low), high));
      if (left >= kStep)
        store(y, bytes);
      else
        store_part(y, bytes, left);
    }
  }
}

/// Rows of a block by floats; false where some are so close to the next code that they could be on either side.
template <bool kTotals, bool kWhole>
TULLE_INLINE bool real_rows(const CodesTile& tile, const float* reals, int32_t c, int left) {
  const F32 scale = load<F32>(reals), offset = load<F32>(reals + kLanes);
  const F32 scale_2 = load<F32>(reals + 2 * kLanes), offset_2 = load<F32>(reals + 3 * kLanes);
  // 256 is where floats have 15 bits of fraction and 8 before it. Bits are in the order of the floats from 0 on.
  const I32 low = (I32)fill(256.5f), high = (I32)fill(256.5f + static_cast<float>(tile.high - tile.low));
  const Half8 lowest = Half8{} + static_cast<int8_t>(tile.low);
  U32 nearest = U32{} - 1;
  const auto code = [&](const int32_t* from, int32_t m, F32 by, F32 add) __attribute__((always_inline)) {
    I32 sums = load<I32>(from);
    if (kTotals) sums += fill(tile.row_totals[m]);
    const I32 t = min(max((I32)fma(__builtin_convertvector(sums, F32), by, add), low), high);
    nearest = min((U32)t << 17, nearest);
    return (U32)t >> 15;
  };
  const bool second = kWhole || left > kLanes;
  const auto put = [&](uint8_t* y, Half8 bytes) __attribute__((always_inline)) {
    if (kWhole)
      store(y, bytes + lowest);
    else
      store_part(y, bytes + lowest, left);
  };
  const int32_t rows = tile.rows;
  const int32_t* sums = tile.sums + c;
  uint8_t* y = tile.y + c;
  for (int32_t m = 0; m < rows; m += 2) {
    const bool last = m + 1 == rows;
    const int32_t* next = last ? sums : sums + tile.stride;
    const int32_t other = last ? m : m + 1;
    const U32 a = code(sums, m, scale, offset), c = code(next, other, scale, offset);
    const U32 b = second ? code(sums + kLanes, m, scale_2, offset_2) : U32{};
    const U32 d = second ? code(next + kLanes, other, scale_2, offset_2) : U32{};
    const Two<Half8> bytes = low_bytes(a, b, c, d);
    put(y, bytes.first);
    if (last) break;
    put(y + tile.y_stride, bytes.second);
    sums += 2 * tile.stride;
    y += 2 * tile.y_stride;
  }
  return !any((I32)(nearest <= U32{} + tile.near));
}

}  // namespace

bool codes_real(const CodesTile& tile) {
  constexpr int kStep = 2 * kLanes;
  bool sure = true;
  for (int32_t c = 0; c < tile.channels; c += kStep) {
    const int left = tile.channels - c;
    const float* reals = tile.reals + 2 * c;
    const bool totals = tile.row_totals != nullptr;
    if (left < kStep)
      sure &= totals ? real_rows<true, false>(tile, reals, c, left) : real_rows<false, false>(tile, reals, c, left);
    else
      sure &= totals ? real_rows<true, true>(tile, reals, c, left) : real_rows<false, true>(tile, reals, c, left);
  }
  return sure;
}

void codes(const CodesTile& tile) { codes_of<Exact>(tile); }
void codes_ties(const CodesTile& tile) { codes_of<ExactTies>(tile); }

}  // namespace tulle::kernels::TULLE_ISA
