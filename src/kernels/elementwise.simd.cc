// Element by element: exponentials of floats, tables of bytes, sums and products of 8-bit codes.
#include "kernels/code_pairs.h"
#include "kernels/families.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {
namespace {

TULLE_INLINE F32 abs_of(F32 x) { return (F32)((I32)x & 0x7FFFFFFF); }

/// e^x as p * 2^n, where p is near 1.
struct Exponential {
  F32 p;
  I32 magic_n;  ///< n on top of kMagic
};
constexpr int32_t kMagic = 0x4B400000;  // 1.5 * 2^23 as a float: adding it rounds to a whole number, in the lowest bits
/// `exact`: with ln 2 in two parts, so that no power of two makes r less exact.
TULLE_INLINE Exponential exp_parts(F32 x, bool exact) {
  const F32 magic = (F32)fill(kMagic);
  const F32 shifted = fma(x, fill(1.44269504f), magic);
  const F32 whole = shifted - magic;
  const F32 r =
      exact ? fma(whole, fill(2.12194440e-4f), fma(whole, fill(-0.693359375f), x)) : fma(whole, fill(-0.693147181f), x);
  // The polynomial of degree 5 whose largest relative error, 1e-7, is the least where it is 1 at 0.
  F32 p = fill(8.290305734e-3f);
  p = fma(p, r, fill(4.189797491e-2f));
  p = fma(p, r, fill(1.666763723e-1f));
  p = fma(p, r, fill(4.999915063e-1f));
  p = fma(p, r, fill(9.999997020e-1f));
  return {fma(p, r, fill(1.0f)), (I32)shifted};
}

/// e^x within about two units in the last place; 0 below the normal numbers, infinite above.
TULLE_INLINE F32 exp_of(F32 x) {
  const auto [p, magic_n] = exp_parts(min(max(x, fill(-87.33654f)), fill(88.72283f)), true);
  const I32 n = magic_n - kMagic;
  // 2^n in two steps, so that 2^128 times less than one stays finite.
  const I32 half = n >> 1;
  const F32 scaled = p * (F32)((half + 127) << 23) * (F32)((n - half + 127) << 23);
  const F32 low = x < fill(-87.33654f) ? fill(0.0f) : scaled;
  const F32 high = x > fill(88.72283f) ? fill(__builtin_inff()) : low;
  return x == x ? high : x;
}

/// The same for -87.3...88 in fewer steps, within about three units in the last place.
TULLE_INLINE F32 exp_inside(F32 x) {
  const auto [p, magic_n] = exp_parts(x, !kFuses);
  return p * (F32)((magic_n << 23) + (127 << 23));
}
/// For x up to 0; the least normal number below those.
TULLE_INLINE F32 exp_of_negative(F32 x) { return exp_inside(max(x, fill(-87.33654f))); }

/// 1 + e^-x.
TULLE_INLINE F32 over_logistic(F32 x) { return exp_inside(-min(max(x, fill(-88.0f)), fill(87.0f))) + 1.0f; }
TULLE_INLINE F32 logistic_of(F32 x) { return 1.0f / over_logistic(x); }
TULLE_INLINE F32 swish_of(F32 x) { return x * logistic_of(x); }

TULLE_INLINE F32 tanh_of(F32 x) {
  const F32 z = x * x;
  F32 p = fill(-5.70498872745e-3f);
  p = fma(p, z, fill(2.06390887954e-2f));
  p = fma(p, z, fill(-5.37397155531e-2f));
  p = fma(p, z, fill(1.33314422036e-1f));
  p = fma(p, z, fill(-3.33332819422e-1f));
  const F32 small = fma(p * z, x, x);
  const F32 e = exp_of_negative(abs_of(x) * -2.0f);
  const F32 magnitude = (1.0f - e) / (1.0f + e);
  const F32 large = (F32)((I32)magnitude | ((I32)x & INT32_MIN));
  return abs_of(x) < 0.625f ? small : (x == x ? large : x);
}

/// x times the probability that a normal variable is below x, by Abramowitz and Stegun's formula 7.1.26 for the tail.
TULLE_INLINE F32 gelu_of(F32 x) {
  const F32 z = abs_of(x) * 0.70710678f;
  const F32 t = 1.0f / fma(z, fill(0.3275911f), fill(1.0f));
  F32 p = fill(1.061405429f);
  p = fma(p, t, fill(-1.453152027f));
  p = fma(p, t, fill(1.421413741f));
  p = fma(p, t, fill(-0.284496736f));
  p = fma(p, t, fill(0.254829592f));
  const F32 tail = p * t * exp_of_negative(-(z * z)) * 0.5f;
  return x * (x < 0.0f ? tail : 1.0f - tail);
}

TULLE_INLINE F32 gelu_by_tanh_of(F32 x) {
  const F32 cubic = fma(x * x * x, fill(0.044715f), x);
  return x * 0.5f * (tanh_of(cubic * 0.79788456f) + 1.0f);
}

template <F32 (*kOf)(F32)>
TULLE_INLINE void map(const float* x, float* y, int64_t count) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(y + i, kOf(load<F32>(x + i)));
  if (i < count)
    store_part(y + i, kOf(load_part<F32>(x + i, static_cast<int>(count - i))), static_cast<int>(count - i));
}

/// a * b, of 16-bit numbers.
TULLE_INLINE I32 product(I32 a, I32 b) {
#if defined(__x86_64__)
  return dot_pairs(I32{}, (I16)(a & 0xFFFF), (I16)b);
#else
  return a * b;
#endif
}

template <class T>
TULLE_INLINE void add_of(const T* a, const T* b, T* y, int64_t count, const PairCodes& by) {
  const Factors a_by = all_channels(by.a), b_by = all_channels(by.b), to = all_channels(by.to);
  const int32_t shift = by.left_shift;
  const I32 sign = fill(by.subtract ? -1 : 0);
  const F32 a_real = fill(by.a_real), b_real = fill(by.b_real);
  const auto real = [&](F32 p, F32 q) { return fma(p, a_real, q * b_real); };
  pairs_of(a, b, y, count, by, real, [&](I16 p, I16 q) {
    const Two<I32> ps = spread(p), qs = spread(q);
    const auto one = [&](I32 c, I32 d) {
      const I32 other = rescale(d << shift, b_by);
      return rescale(rescale(c << shift, a_by) + ((other ^ sign) - sign), to);
    };
    return Two<I32>{one(ps.first, qs.first), one(ps.second, qs.second)};
  });
}

template <class T>
TULLE_INLINE void mul_of(const T* a, const T* b, T* y, int64_t count, const PairCodes& by) {
  const Factors to = all_channels(by.to);
  const F32 scale = fill(by.a_real);
  const auto real = [&](F32 p, F32 q) { return p * q * scale; };
  pairs_of(a, b, y, count, by, real, [&](I16 p, I16 q) {
    const Two<I32> ps = spread(p), qs = spread(q);
    return Two<I32>{rescale(product(ps.first, qs.first), to), rescale(product(ps.second, qs.second), to)};
  });
}

#if defined(TULLE_NEON)
/// Of kVectors vectors. A quarter of the table answers 0, or what it is given, where a byte is beyond it.
template <int kVectors>
TULLE_INLINE void look_up(const uint8_t* table, const uint8_t* x, uint8_t* y) {
  uint8x16_t in[kVectors], out[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) in[v] = vld1q_u8(x + 16 * v);
#pragma GCC unroll 4
  for (int q = 0; q < 4; ++q) {
    const uint8x16x4_t quarter = vld1q_u8_x4(table + 64 * q);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const uint8x16_t place = in[v] - static_cast<uint8_t>(64 * q);
      out[v] = q == 0 ? vqtbl4q_u8(quarter, place) : vqtbx4q_u8(out[v], quarter, place);
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) vst1q_u8(y + 16 * v, out[v]);
}
#endif

}  // namespace

void exp(const float* x, float* y, int64_t count) { map<exp_of>(x, y, count); }
void logistic(const float* x, float* y, int64_t count) { map<logistic_of>(x, y, count); }
void swish(const float* x, float* y, int64_t count) { map<swish_of>(x, y, count); }
void tanh(const float* x, float* y, int64_t count) { map<tanh_of>(x, y, count); }
void gelu(const float* x, float* y, int64_t count) { map<gelu_of>(x, y, count); }
void gelu_by_tanh(const float* x, float* y, int64_t count) { map<gelu_by_tanh_of>(x, y, count); }

void softmax(const float* x, float* y, int64_t count, float beta) {
  F32 most = fill(-3.40282347e+38f);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) most = max(most, load<F32>(x + i));
  float top = most[0];
  for (int lane = 1; lane < kLanes; ++lane) top = most[lane] > top ? most[lane] : top;
  for (; i < count; ++i) top = x[i] > top ? x[i] : top;
  F32 sums = {};
  for (i = 0; i < count; i += kLanes) {
    const int left = count - i < kLanes ? static_cast<int>(count - i) : kLanes;
    const F32 in = left == kLanes ? load<F32>(x + i) : load_part<F32>(x + i, left);
    F32 e = exp_of((in - top) * beta);
    if (left < kLanes) {
      float lanes[kLanes] = {};
      memcpy(lanes, &e, static_cast<size_t>(left) * sizeof(float));
      e = load<F32>(lanes);
      store_part(y + i, e, left);
    } else {
      store(y + i, e);
    }
    sums += e;
  }
  float sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += sums[lane];
  const float over = 1.0f / sum;
  for (i = 0; i < count; ++i) y[i] *= over;
}

float sum(const float* x, int64_t count) {
  constexpr int kSums = 4;  // as many as additions take to be done
  F32 sums[kSums] = {};
  int64_t i = 0;
  for (; i + kSums * kLanes <= count; i += kSums * kLanes)
    for (int v = 0; v < kSums; ++v) sums[v] += load<F32>(x + i + v * kLanes);
  const F32 all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  float sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += all[lane];
  for (; i < count; ++i) sum += x[i];
  return sum;
}

void lookup(const uint8_t* table, const uint8_t* x, uint8_t* y, int64_t count) {
  int64_t i = 0;
#if defined(__AVX2__)
  // A shuffle answers where the upper half of a byte is its table's; the others' have a bit 7 that makes them 0.
  for (; i + 32 <= count; i += 32) {
    const __m256i in = _mm256_loadu_si256((const __m256i*)(x + i));
    __m256i out = _mm256_setzero_si256();
#pragma GCC unroll 16
    for (int t = 0; t < 16; ++t) {
      const __m256i row = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i*)(table + 16 * t)));
      const __m256i place = _mm256_xor_si256(in, _mm256_set1_epi8(static_cast<char>(16 * t)));
      out = _mm256_or_si256(out, _mm256_shuffle_epi8(row, _mm256_adds_epu8(place, _mm256_set1_epi8(0x70))));
    }
    _mm256_storeu_si256((__m256i*)(y + i), out);
  }
#elif defined(TULLE_NEON)
  for (; i + 64 <= count; i += 64) look_up<4>(table, x + i, y + i);
  for (; i + 16 <= count; i += 16) look_up<1>(table, x + i, y + i);
#elif defined(__wasm_simd128__)
  // A place beyond a row of the table gives 0.
  for (; i + 16 <= count; i += 16) {
    const v128_t in = wasm_v128_load(x + i);
    v128_t out = wasm_i64x2_const_splat(0);
#pragma GCC unroll 16
    for (int t = 0; t < 16; ++t) {
      const v128_t place = wasm_v128_xor(in, wasm_u8x16_splat(static_cast<uint8_t>(16 * t)));
      out = wasm_v128_or(out, wasm_i8x16_swizzle(wasm_v128_load(table + 16 * t), place));
    }
    wasm_v128_store(y + i, out);
  }
#endif
  for (; i < count; ++i) y[i] = table[x[i]];
}

void add_i8(const int8_t* a, const int8_t* b, int8_t* y, int64_t count, const PairCodes& by) {
  add_of(a, b, y, count, by);
}
void add_u8(const uint8_t* a, const uint8_t* b, uint8_t* y, int64_t count, const PairCodes& by) {
  add_of(a, b, y, count, by);
}
void mul_i8(const int8_t* a, const int8_t* b, int8_t* y, int64_t count, const PairCodes& by) {
  mul_of(a, b, y, count, by);
}
void mul_u8(const uint8_t* a, const uint8_t* b, uint8_t* y, int64_t count, const PairCodes& by) {
  mul_of(a, b, y, count, by);
}

}  // namespace tulle::kernels::TULLE_ISA
