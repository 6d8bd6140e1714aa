// Sums to 8-bit codes, a factor a channel.
#include "kernels/families.h"
#include "kernels/float_codes.h"
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

/// Rows of a block by floats, kSureRows at a time; how many, from the first on, before some that are so close to the
/// next code that they could be on either side. An odd row is the first, made twice.
template <bool kSigned, bool kTotals, bool kWhole>
TULLE_INLINE int32_t real_rows(const CodesTile& tile, int32_t rows, int32_t c, int left) {
  const Reals first(tile.reals + kRealVectors * c), other_half(tile.reals + kRealVectors * (c + kLanes));
  FloatCodes codes(tile.low, tile.high);
  const F32 origin = fill(tile.origin);
  const auto code = [&](const int32_t* from, const int32_t* total, const Reals& by) __attribute__((always_inline)) {
    I32 sums = load<I32>(from);
    if (kTotals) sums += fill(*total);
    F32 real = fma(__builtin_convertvector(sums, F32), by.scale, by.offset);
    if (kSigned) real += origin + with_sign(by.half, real);
    return codes.take(real);
  };
  const bool second = kWhole || left > kLanes;
  const int64_t stride = tile.stride, y_stride = tile.y_stride;
  const int32_t *sums = tile.sums + c, *totals = tile.row_totals;
  uint8_t* y = tile.y + c;
  int64_t next = rows % 2 == 0;
  for (int32_t m = rows % 2 == 0 ? 0 : -1; m < rows;) {
    const int32_t begin = m, end = rows - m < kSureRows ? rows : m + kSureRows;
    codes.begin();
    for (; m < end; m += 2) {
      const int32_t* below = sums + next * stride;
      uint8_t* y_below = y + next * y_stride;
      const int32_t* total_below = kTotals ? totals + next : nullptr;
      next = 1;
      const U32 a = code(sums, totals, first), c = code(below, total_below, first);
      const U32 b = second ? code(sums + kLanes, totals, other_half) : U32{};
      const U32 d = second ? code(below + kLanes, total_below, other_half) : U32{};
      const Bytes bytes = codes.bytes(a, b, c, d);
      if (kWhole) {
        store_halves(y, y_below, bytes);
      } else {
        const Two<Half8> halves = halves_of(bytes);
        store_part(y, halves.first, left);
        store_part(y_below, halves.second, left);
      }
      sums = below + stride;
      y = y_below + y_stride;
      if (kTotals) totals = total_below + 1;
    }
    if (!codes.sure(tile.near)) return begin < 0 ? 0 : begin;
  }
  return rows;
}

template <bool kSigned>
TULLE_INLINE int32_t real_codes(const CodesTile& tile) {
  constexpr int kStep = 2 * kLanes;
  const bool totals = tile.row_totals != nullptr;
  int32_t sure = tile.rows;
  for (int32_t c = 0; c < tile.channels && sure > 0; c += kStep) {
    const int left = tile.channels - c;
    if (left < kStep)
      sure = totals ? real_rows<kSigned, true, false>(tile, sure, c, left)
                    : real_rows<kSigned, false, false>(tile, sure, c, left);
    else
      sure = totals ? real_rows<kSigned, true, true>(tile, sure, c, left)
                    : real_rows<kSigned, false, true>(tile, sure, c, left);
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

int32_t codes_real(const CodesTile& tile) { return real_codes<false>(tile); }
int32_t codes_signed(const CodesTile& tile) { return real_codes<true>(tile); }

}  // namespace tulle::kernels::TULLE_ISA
