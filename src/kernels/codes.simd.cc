// Sums to 8-bit codes. The reference multiplies by a 31-bit factor and rounds, then shifts and rounds again; for a sum
// of magnitude q both are one floor, sign(x) * floor((q * multiplier + half - tie) / 2^shift), where half is 2^30 plus
// half the divisor of the second rounding and tie is 1 for negative x. Where q stays so small that the two roundings
// cannot meet exactly between two codes, tie makes no difference.
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

struct Factors {
  I32 bias;
  U32 multiplier;
  U64 half_even, half_odd, shift_even, shift_odd;
};

TULLE_INLINE U64 shift_right(U64 x, U64 by) {
#if defined(__AVX512F__)
  return (U64)_mm512_srlv_epi64((__m512i)x, (__m512i)by);
#elif defined(__AVX2__)
  return (U64)_mm256_srlv_epi64((__m256i)x, (__m256i)by);
#else
  return x >> by;
#endif
}

template <bool kTies>
TULLE_INLINE I32 rescale(I32 x, const Factors& f) {
  const U32 q = abs_of(x);
  U64 even = mul_even(q, f.multiplier) + f.half_even;
  U64 odd = mul_even((U32)((U64)q >> 32), (U32)((U64)f.multiplier >> 32)) + f.half_odd;
  if constexpr (kTies) {
    const U64 negative = (U64)(U32)((U32)x >> 31);
    even -= negative & 0xFFFFFFFFu;
    odd -= negative >> 32;
  }
  const U32 magnitude = even_odd((U32)shift_right(even, f.shift_even), (U32)shift_right(odd, f.shift_odd));
#if defined(__AVX2__) && !defined(__AVX512F__)
  return (I32)_mm256_sign_epi32((__m256i)magnitude, (__m256i)x);
#elif defined(__SSSE3__) && !defined(__AVX512F__)
  return (I32)_mm_sign_epi32((__m128i)magnitude, (__m128i)x);
#else
  const I32 sign = x >> 31;
  return ((I32)magnitude ^ sign) - sign;
#endif
}

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
