// Sums to 8-bit codes, a factor a channel.
#include "kernels/families.h"
#include "kernels/rescale.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

/// As a block of factors begins: see Kernels::codes.
struct Exact {
  static constexpr bool kZeroPoint = true;
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

/// Where codes below the zero point are cut off, negative sums need no care: one floor of the product, lifted above 0
/// by 2^62, is theirs or something else below. Bias and rounding are one 64-bit addend; `lower` takes the lift away and
/// adds the zero point.
struct Positive {
  static constexpr bool kZeroPoint = false;
  I32 multiplier, lower;
  U64 add_even, add_odd, shift_even, shift_odd;
  explicit Positive(const uint8_t* block)
      : multiplier(load<I32>(block + kBytes)),
        lower(load<I32>(block)),
        add_even(load<U64>(block + 2 * kBytes)),
        add_odd(load<U64>(block + 3 * kBytes)),
        shift_even(load<U64>(block + 4 * kBytes)),
        shift_odd(load<U64>(block + 5 * kBytes)) {}
  TULLE_INLINE I32 of(I32 x, const Positive& p) {
    const U64 even = mul_even_signed(x, p.multiplier) + p.add_even;
    const U64 odd = mul_even_signed((I32)((U64)x >> 32), (I32)((U64)p.multiplier >> 32)) + p.add_odd;
    return (I32)even_odd((U32)shift_right(even, p.shift_even), (U32)shift_right(odd, p.shift_odd)) + p.lower;
  }
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
      I16 wide = narrow(How::of(a, first), How::of(b, second));
      if constexpr (How::kZeroPoint) wide = add_saturated(wide, zero);
      const Half8 bytes = low_bytes(min(max(wide, low), high));
      if (left >= kStep)
        store(y, bytes);
      else
        store_part(y, bytes, left);
    }
  }
}

}  // namespace

void codes(const CodesTile& tile) { codes_of<Exact>(tile); }
void codes_ties(const CodesTile& tile) { codes_of<ExactTies>(tile); }
void codes_positive(const CodesTile& tile) { codes_of<Positive>(tile); }

}  // namespace tulle::kernels::TULLE_ISA
