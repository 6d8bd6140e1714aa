// Sums to 8-bit codes, a factor a channel.
#include "kernels/families.h"
#include "kernels/rescale.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

/// A block of factors.
TULLE_INLINE Factors factors_at(const uint8_t* block) {
  return {load<I32>(block),
          load<U32>(block + kBytes),
          load<U64>(block + 2 * kBytes),
          load<U64>(block + 3 * kBytes),
          load<U64>(block + 4 * kBytes),
          load<U64>(block + 5 * kBytes)};
}

/// A block of reals.
struct Reals {
  F32 scale, offset, half;
  explicit Reals(const float* block)
      : scale(load<F32>(block)), offset(load<F32>(block + kLanes)), half(load<F32>(block + 2 * kLanes)) {}
};

/// Rows of a block by floats; false where some are so close to the next code that they could be on either side.
template <bool kSigned, bool kTotals, bool kWhole>
TULLE_INLINE bool real_rows(const CodesTile& tile, int32_t c, int left) {
  const Reals first(tile.reals + kRealVectors * c), other_half(tile.reals + kRealVectors * (c + kLanes));
  // 256 is where floats have 15 bits of fraction and 8 before it. Bits are in the order of the floats from 0 on.
  const I32 low = (I32)fill(256.5f), high = (I32)fill(256.5f + static_cast<float>(tile.high - tile.low));
  const Half8 lowest = Half8{} + static_cast<int8_t>(tile.low);
  U32 nearest = U32{} - 1;
  const F32 origin = fill(tile.origin);
  const auto code = [&](const int32_t* from, int32_t m, const Reals& by) __attribute__((always_inline)) {
    I32 sums = load<I32>(from);
    if (kTotals) sums += fill(tile.row_totals[m]);
    F32 real = fma(__builtin_convertvector(sums, F32), by.scale, by.offset);
    if (kSigned) real += origin + with_sign(by.half, real);
    const I32 t = min(max((I32)real, low), high);
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
    const U32 a = code(sums, m, first), c = code(next, other, first);
    const U32 b = second ? code(sums + kLanes, m, other_half) : U32{};
    const U32 d = second ? code(next + kLanes, other, other_half) : U32{};
    const Two<Half8> bytes = low_bytes(a, b, c, d);
    put(y, bytes.first);
    if (last) break;
    put(y + tile.y_stride, bytes.second);
    sums += 2 * tile.stride;
    y += 2 * tile.y_stride;
  }
  return !any((I32)(nearest <= U32{} + tile.near));
}

template <bool kSigned>
TULLE_INLINE bool real_codes(const CodesTile& tile) {
  constexpr int kStep = 2 * kLanes;
  bool sure = true;
  for (int32_t c = 0; c < tile.channels; c += kStep) {
    const int left = tile.channels - c;
    const bool totals = tile.row_totals != nullptr;
    if (left < kStep)
      sure &= totals ? real_rows<kSigned, true, false>(tile, c, left) : real_rows<kSigned, false, false>(tile, c, left);
    else
      sure &= totals ? real_rows<kSigned, true, true>(tile, c, left) : real_rows<kSigned, false, true>(tile, c, left);
  }
  return sure;
}

}  // namespace

void codes(const CodesTile& tile) {
  constexpr int kStep = 2 * kLanes;
  const I16 zero = fill16(static_cast<int16_t>(tile.zero_point));
  const I16 low = fill16(static_cast<int16_t>(tile.low)), high = fill16(static_cast<int16_t>(tile.high));
  const auto* block = static_cast<const uint8_t*>(tile.factors);
  for (int32_t c = 0; c < tile.channels; c += kStep, block += 2 * kFactorVectors * kBytes) {
    const Factors first = factors_at(block), second = factors_at(block + kFactorVectors * kBytes);
    const int left = tile.channels - c;
    const int32_t* sums = tile.sums + c;
    uint8_t* y = tile.y + c;
    for (int32_t m = 0; m < tile.rows; ++m, sums += tile.stride, y += tile.y_stride) {
      I32 a = load<I32>(sums) + first.bias, b = (left > kLanes ? load<I32>(sums + kLanes) : I32{}) + second.bias;
      if (tile.row_totals != nullptr) {
        const I32 total = fill(tile.row_totals[m]);
        a += total;
        b += total;
      }
      const I16 wide = add_saturated(narrow(rescale(a, first), rescale(b, second)), zero);
      const Half8 bytes = low_bytes(min(max(wide, low), high));
      if (left >= kStep)
        store(y, bytes);
      else
        store_part(y, bytes, left);
    }
  }
}

bool codes_real(const CodesTile& tile) { return real_codes<false>(tile); }
bool codes_signed(const CodesTile& tile) { return real_codes<true>(tile); }

}  // namespace tulle::kernels::TULLE_ISA
