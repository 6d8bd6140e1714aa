// The rest of the vector layer: lanes made narrower, interleaved and put in order. Included by simd.h alone.
#pragma once

namespace tulle::kernels {
namespace TULLE_ISA {
namespace {

/// a saturated to int16, then b, in their order.
TULLE_INLINE I16 narrow(I32 a, I32 b) {
#if defined(__AVX512BW__)
  const __m512i mixed = _mm512_packs_epi32((__m512i)a, (__m512i)b);
  return (I16)_mm512_permutexvar_epi64(_mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0), mixed);
#elif defined(__AVX2__)
  return (I16)_mm256_permute4x64_epi64(_mm256_packs_epi32((__m256i)a, (__m256i)b), 0xD8);
#elif defined(__SSE2__)
  return (I16)_mm_packs_epi32((__m128i)a, (__m128i)b);
#elif defined(TULLE_NEON)
  return (I16)vqmovn_high_s32(vqmovn_s32((int32x4_t)a), (int32x4_t)b);
#elif defined(__wasm_simd128__)
  return (I16)wasm_i16x8_narrow_i32x4((v128_t)a, (v128_t)b);
#else
  typedef int16_t Half __attribute__((vector_size(kBytes / 2)));
  const I32 low = fill(int32_t{-32768}), high = fill(int32_t{32767});
  const Half halves[2] = {__builtin_convertvector(min(max(a, low), high), Half),
                          __builtin_convertvector(min(max(b, low), high), Half)};
  return load<I16>(halves);
#endif
}

/// a + b, saturated.
TULLE_INLINE I16 add_saturated(I16 a, I16 b) {
#if defined(__AVX512BW__)
  return (I16)_mm512_adds_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (I16)_mm256_adds_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (I16)_mm_adds_epi16((__m128i)a, (__m128i)b);
#elif defined(TULLE_NEON)
  return (I16)vqaddq_s16((int16x8_t)a, (int16x8_t)b);
#elif defined(__wasm_simd128__)
  return (I16)wasm_i16x8_add_sat((v128_t)a, (v128_t)b);
#else
  I16 sum;
  for (int i = 0; i < kBytes / 2; ++i) {
    const int32_t x = a[i] + b[i];
    sum[i] = static_cast<int16_t>(x < -32768 ? -32768 : x > 32767 ? 32767 : x);
  }
  return sum;
#endif
}

TULLE_INLINE I16 min(I16 a, I16 b) { return a < b ? a : b; }
TULLE_INLINE I16 max(I16 a, I16 b) { return a > b ? a : b; }

typedef int8_t Half8 __attribute__((vector_size(kBytes / 2)));

/// The low bytes of 16-bit lanes.
TULLE_INLINE Half8 low_bytes(I16 x) {
#if defined(__AVX512BW__)
  return (Half8)_mm512_cvtepi16_epi8((__m512i)x);
#elif defined(__AVX2__)
  const __m256i bytes = _mm256_and_si256((__m256i)x, _mm256_set1_epi16(0xFF));
  return (Half8)_mm_packus_epi16(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
#elif defined(__SSE2__)
  const __m128i bytes = _mm_and_si128((__m128i)x, _mm_set1_epi16(0xFF));
  return (Half8)_mm_cvtsi128_si64(_mm_packus_epi16(bytes, bytes));
#elif defined(__wasm_simd128__)
  const v128_t bytes = wasm_v128_and((v128_t)x, wasm_i16x8_const_splat(0xFF));
  return (Half8)wasm_i64x2_extract_lane(wasm_u8x16_narrow_i16x8(bytes, bytes), 0);
#else
  return __builtin_convertvector(x, Half8);
#endif
}

/// Two vectors that belong together.
template <class V>
struct Two {
  V first, second;
};

typedef uint8_t Bytes __attribute__((vector_size(kBytes)));

TULLE_INLINE U16 min(U16 a, U16 b) { return a < b ? a : b; }

/// The low bytes of the 32-bit lanes of a and b, then those of c and d; no lane is beyond 16 bits.
TULLE_INLINE Bytes low_bytes(U32 a, U32 b, U32 c, U32 d) {
#if defined(__AVX512BW__)
  const __m512i byte = _mm512_set1_epi16(0xFF);
  const __m512i ab = _mm512_and_si512(_mm512_packus_epi32((__m512i)a, (__m512i)b), byte);
  const __m512i cd = _mm512_and_si512(_mm512_packus_epi32((__m512i)c, (__m512i)d), byte);
  return (Bytes)_mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
                                         _mm512_packus_epi16(ab, cd));
#elif defined(__AVX2__)
  const __m256i byte = _mm256_set1_epi16(0xFF);
  const __m256i ab = _mm256_and_si256(_mm256_packus_epi32((__m256i)a, (__m256i)b), byte);
  const __m256i cd = _mm256_and_si256(_mm256_packus_epi32((__m256i)c, (__m256i)d), byte);
  return (Bytes)_mm256_permutevar8x32_epi32(_mm256_packus_epi16(ab, cd), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
#elif defined(__SSE4_1__)
  const __m128i byte = _mm_set1_epi16(0xFF);
  const __m128i ab = _mm_and_si128(_mm_packus_epi32((__m128i)a, (__m128i)b), byte);
  const __m128i cd = _mm_and_si128(_mm_packus_epi32((__m128i)c, (__m128i)d), byte);
  return (Bytes)_mm_packus_epi16(ab, cd);
#elif defined(TULLE_NEON)
  const int8x16_t ab = (int8x16_t)vuzp1q_s16((int16x8_t)a, (int16x8_t)b);
  const int8x16_t cd = (int8x16_t)vuzp1q_s16((int16x8_t)c, (int16x8_t)d);
  return (Bytes)vuzp1q_s8(ab, cd);
#elif defined(__wasm_simd128__)
  const v128_t byte = wasm_i16x8_const_splat(0xFF);
  const v128_t ab = wasm_v128_and(wasm_u16x8_narrow_i32x4((v128_t)a, (v128_t)b), byte);
  const v128_t cd = wasm_v128_and(wasm_u16x8_narrow_i32x4((v128_t)c, (v128_t)d), byte);
  return (Bytes)wasm_u8x16_narrow_i16x8(ab, cd);
#else
  const Half8 halves[2] = {low_bytes(narrow((I32)(a & 0xFF), (I32)(b & 0xFF))),
                           low_bytes(narrow((I32)(c & 0xFF), (I32)(d & 0xFF)))};
  return load<Bytes>(halves);
#endif
}

TULLE_INLINE Two<Half8> halves_of(Bytes x) {
  Two<Half8> halves;
  memcpy(&halves, &x, sizeof x);
  return halves;
}

/// The two halves of x to two places.
TULLE_INLINE void store_halves(uint8_t* first, uint8_t* second, Bytes x) {
#if defined(__wasm_simd128__)
  wasm_v128_store64_lane(first, (v128_t)x, 0);
  wasm_v128_store64_lane(second, (v128_t)x, 1);
#else
  const Two<Half8> halves = halves_of(x);
  store(first, halves.first);
  store(second, halves.second);
#endif
}

/// Whether some lane is not 0; each is 0 or -1.
TULLE_INLINE bool any(I32 x) {
#if defined(__AVX512BW__)
  return _mm512_test_epi32_mask((__m512i)x, (__m512i)x) != 0;
#elif defined(__AVX2__)
  return _mm256_movemask_epi8((__m256i)x) != 0;
#elif defined(__SSE2__)
  return _mm_movemask_epi8((__m128i)x) != 0;
#elif defined(TULLE_NEON)
  return vmaxvq_u32((uint32x4_t)x) != 0;
#elif defined(__wasm_simd128__)
  return wasm_v128_any_true((v128_t)x);
#else
  I32 all = x;
  bool found = false;
  for (int lane = 0; lane < kLanes; ++lane) found |= all[lane] != 0;
  return found;
#endif
}

/// [a0 b0 a1 b1 ...] in two vectors, whose lanes are in the order that suits the set; in_order mends it.
TULLE_INLINE Two<I16> interleave(I16 a, I16 b) {
#if defined(__AVX512BW__)
  return {(I16)_mm512_unpacklo_epi16((__m512i)a, (__m512i)b), (I16)_mm512_unpackhi_epi16((__m512i)a, (__m512i)b)};
#elif defined(__AVX2__)
  return {(I16)_mm256_unpacklo_epi16((__m256i)a, (__m256i)b), (I16)_mm256_unpackhi_epi16((__m256i)a, (__m256i)b)};
#elif defined(__SSE2__)
  return {(I16)_mm_unpacklo_epi16((__m128i)a, (__m128i)b), (I16)_mm_unpackhi_epi16((__m128i)a, (__m128i)b)};
#elif defined(TULLE_NEON)
  return {(I16)vzip1q_s16((int16x8_t)a, (int16x8_t)b), (I16)vzip2q_s16((int16x8_t)a, (int16x8_t)b)};
#elif defined(__wasm_simd128__)
  return {(I16)wasm_i16x8_shuffle((v128_t)a, (v128_t)b, 0, 8, 1, 9, 2, 10, 3, 11),
          (I16)wasm_i16x8_shuffle((v128_t)a, (v128_t)b, 4, 12, 5, 13, 6, 14, 7, 15)};
#else
  int16_t lanes[kBytes];
  for (int i = 0; i < kBytes / 2; ++i) {
    lanes[2 * i] = a[i];
    lanes[2 * i + 1] = b[i];
  }
  return {load<I16>(lanes), load<I16>(lanes + kBytes / 2)};
#endif
}

/// The 32-bit lanes that interleave left in another order, in order.
TULLE_INLINE Two<I32> in_order(I32 first, I32 second) {
#if defined(__AVX512BW__)
  const __m512i a = (__m512i)first, b = (__m512i)second;
  return {(I32)_mm512_permutex2var_epi64(a, _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0), b),
          (I32)_mm512_permutex2var_epi64(a, _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4), b)};
#elif defined(__AVX2__)
  return {(I32)_mm256_permute2x128_si256((__m256i)first, (__m256i)second, 0x20),
          (I32)_mm256_permute2x128_si256((__m256i)first, (__m256i)second, 0x31)};
#else
  return {first, second};
#endif
}

}  // namespace
}  // namespace TULLE_ISA
}  // namespace tulle::kernels
