// The vector layer: fixed-width vectors of one instruction set and the few operations that compilers do not find by
// themselves. Included by *.simd.cc alone, which are compiled once for each instruction set with TULLE_ISA naming it;
// nothing here may have external linkage, or the linker could keep the copy of a set that the machine lacks.
#pragma once

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(TULLE_NEON)  // given to the sets that want it: `generic` leaves everything to the compiler's vectors
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#define TULLE_INLINE static inline __attribute__((always_inline))

namespace tulle::kernels {
namespace TULLE_ISA {
namespace {

#if defined(__AVX512BW__)
constexpr int kBytes = 64;
#elif defined(__AVX2__)
constexpr int kBytes = 32;
#else
constexpr int kBytes = 16;
#endif
#if defined(__AVX512VNNI__) || defined(__AVXVNNI__) || defined(TULLE_RELAXED_DOT) || \
    (defined(TULLE_NEON) && defined(__ARM_FEATURE_DOTPROD))
#define TULLE_QUADS 1  // sums of four products of bytes in one instruction
#else
#define TULLE_QUADS 0
#endif

constexpr int kLanes = kBytes / 4;  ///< 32-bit lanes of a vector

typedef float F32 __attribute__((vector_size(kBytes)));
typedef int32_t I32 __attribute__((vector_size(kBytes)));
typedef uint32_t U32 __attribute__((vector_size(kBytes)));
typedef int64_t I64 __attribute__((vector_size(kBytes)));
typedef uint64_t U64 __attribute__((vector_size(kBytes)));
typedef int16_t I16 __attribute__((vector_size(kBytes)));
typedef uint16_t U16 __attribute__((vector_size(kBytes)));
typedef int8_t I8 __attribute__((vector_size(kBytes)));

template <class V, class T>
TULLE_INLINE V load(const T* from) {
  V v;
  memcpy(&v, from, sizeof v);
  return v;
}
template <class V, class T>
TULLE_INLINE void store(T* to, V v) {
  memcpy(to, &v, sizeof v);
}
/// The first `count` elements, at least one, and zeros.
template <class V, class T>
TULLE_INLINE V load_part(const T* from, int count) {
#if defined(__AVX512BW__)
  static_assert(sizeof(V) == 64);
  return (V)_mm512_maskz_loadu_epi8(~UINT64_C(0) >> (64 - count * static_cast<int>(sizeof(T))), from);
#else
  V v = {};
  memcpy(&v, from, static_cast<size_t>(count) * sizeof(T));
  return v;
#endif
}
template <class V, class T>
TULLE_INLINE void store_part(T* to, V v, int count) {
#if defined(__AVX512BW__)
  const int bytes = count * static_cast<int>(sizeof(T));
  if constexpr (sizeof(V) == 64)
    _mm512_mask_storeu_epi8(to, ~UINT64_C(0) >> (64 - bytes), (__m512i)v);
  else
    _mm256_mask_storeu_epi8(to, ~0u >> (32 - bytes), (__m256i)v);
#else
  memcpy(to, &v, static_cast<size_t>(count) * sizeof(T));
#endif
}

TULLE_INLINE F32 fill(float x) { return x - F32{}; }
TULLE_INLINE I32 fill(int32_t x) { return x - I32{}; }
TULLE_INLINE I16 fill16(int16_t x) { return x - I16{}; }

// Where a is NaN, so is the result.
TULLE_INLINE F32 min(F32 a, F32 b) { return b < a ? b : a; }
TULLE_INLINE F32 max(F32 a, F32 b) { return b > a ? b : a; }
TULLE_INLINE I32 min(I32 a, I32 b) { return a < b ? a : b; }
TULLE_INLINE I32 max(I32 a, I32 b) { return a > b ? a : b; }
TULLE_INLINE U32 min(U32 a, U32 b) { return a < b ? a : b; }

/// A magnitude with the sign of another number.
TULLE_INLINE F32 with_sign(F32 magnitude, F32 of) {
  const I32 sign = fill(INT32_MIN);
#if defined(__AVX512F__)
  return (F32)_mm512_ternarylogic_epi32((__m512i)magnitude, (__m512i)of, (__m512i)sign, 0xF8);  // a | b & c
#else
  return (F32)((I32)magnitude | ((I32)of & sign));
#endif
}

/// The four bytes at `from` in every 32-bit lane.
template <class T>
TULLE_INLINE I32 splat32(const T* from) {
  int32_t x;
  memcpy(&x, from, 4);
  return fill(x);
}

#if defined(__FMA__) || defined(TULLE_NEON)
constexpr bool kFuses = true;
#else
constexpr bool kFuses = false;
#endif
/// a * b + c, rounded once where the set can.
TULLE_INLINE F32 fma(F32 a, F32 b, F32 c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(TULLE_NEON)
  return (F32)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif defined(__wasm_relaxed_simd__)
  return (F32)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
#else
  return a * b + c;
#endif
}
TULLE_INLINE F32 fma(float a, F32 b, F32 c) {
#if defined(TULLE_NEON)
  return (F32)vfmaq_n_f32((float32x4_t)c, (float32x4_t)b, a);
#else
  return fma(fill(a), b, c);
#endif
}

/// acc[i] + a[2i] * b[2i] + a[2i+1] * b[2i+1].
TULLE_INLINE I32 dot_pairs(I32 acc, I16 a, I16 b) {
#if defined(__AVX512VNNI__)
  return (I32)_mm512_dpwssd_epi32((__m512i)acc, (__m512i)a, (__m512i)b);
#elif defined(__AVXVNNI__)
  return (I32)_mm256_dpwssd_avx_epi32((__m256i)acc, (__m256i)a, (__m256i)b);
#elif defined(__AVX512BW__)
  return acc + (I32)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return acc + (I32)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return acc + (I32)_mm_madd_epi16((__m128i)a, (__m128i)b);
#elif defined(__wasm_simd128__)
  return acc + (I32)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b);
#else
  const I32 x = (I32)a, y = (I32)b;
  return acc + (x << 16 >> 16) * (y << 16 >> 16) + (x >> 16) * (y >> 16);
#endif
}

#if TULLE_QUADS
/// acc[i] plus the sum over j < 4 of a[4i+j] times b[4i+j], which is signed; a is as `activations` says.
TULLE_INLINE I32 dot_quads(I32 acc, I32 a, I32 b) {
#if defined(__AVX512VNNI__)
  return (I32)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)a, (__m512i)b);
#elif defined(TULLE_NEON)
  return (I32)vdotq_s32((int32x4_t)acc, (int8x16_t)a, (int8x16_t)b);
#elif defined(__wasm_simd128__)
  return (I32)wasm_i32x4_relaxed_dot_i8x16_i7x16_add((v128_t)b, (v128_t)a, (v128_t)acc);
#else
  return (I32)_mm256_dpbusd_avx_epi32((__m256i)acc, (__m256i)a, (__m256i)b);
#endif
}
#endif

/// kBytes / 2 bytes, widened.
TULLE_INLINE I16 widen(const int8_t* from) {
#if defined(__AVX512BW__)
  return (I16)_mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i*)from));
#elif defined(__AVX2__)
  return (I16)_mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i*)from));
#elif defined(__SSE4_1__)
  return (I16)_mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i*)from));
#elif defined(TULLE_NEON)
  return (I16)vmovl_s8(vld1_s8(from));
#elif defined(__wasm_simd128__)
  return (I16)wasm_i16x8_load8x8(from);
#else
  typedef int8_t Half __attribute__((vector_size(kBytes / 2)));
  return __builtin_convertvector(load<Half>(from), I16);
#endif
}
TULLE_INLINE I16 widen(const uint8_t* from) {
#if defined(__AVX512BW__)
  return (I16)_mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i*)from));
#elif defined(__AVX2__)
  return (I16)_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i*)from));
#elif defined(__SSE4_1__)
  return (I16)_mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i*)from));
#elif defined(TULLE_NEON)
  return (I16)vmovl_u8(vld1_u8(from));
#elif defined(__wasm_simd128__)
  return (I16)wasm_u16x8_load8x8(from);
#else
  typedef uint8_t Half __attribute__((vector_size(kBytes / 2)));
  return __builtin_convertvector(load<Half>(from), I16);
#endif
}

/// kLanes bytes, widened.
TULLE_INLINE I32 widen_far(const int8_t* from) {
#if defined(__AVX512F__)
  return (I32)_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i*)from));
#elif defined(__AVX2__)
  return (I32)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i*)from));
#elif defined(__SSE4_1__)
  return (I32)_mm_cvtepi8_epi32(_mm_loadu_si32(from));
#elif defined(TULLE_NEON)
  uint32_t bytes;
  memcpy(&bytes, from, sizeof bytes);
  return (I32)vmovl_s16(vget_low_s16(vmovl_s8(vcreate_s8(bytes))));
#elif defined(__wasm_simd128__)
  return (I32)wasm_i32x4_extend_low_i16x8(wasm_i16x8_extend_low_i8x16(wasm_v128_load32_zero(from)));
#else
  typedef int8_t Quarter __attribute__((vector_size(kLanes)));
  return __builtin_convertvector(load<Quarter>(from), I32);
#endif
}
TULLE_INLINE I32 widen_far(const uint8_t* from) {
#if defined(__AVX512F__)
  return (I32)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i*)from));
#elif defined(__AVX2__)
  return (I32)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)from));
#elif defined(__SSE4_1__)
  return (I32)_mm_cvtepu8_epi32(_mm_loadu_si32(from));
#elif defined(TULLE_NEON)
  uint32_t bytes;
  memcpy(&bytes, from, sizeof bytes);
  return (I32)vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(bytes))));
#elif defined(__wasm_simd128__)
  return (I32)wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(from)));
#else
  typedef uint8_t Quarter __attribute__((vector_size(kLanes)));
  return __builtin_convertvector(load<Quarter>(from), I32);
#endif
}

/// The products of the even lanes, in full.
TULLE_INLINE U64 mul_even(U32 a, U32 b) {
#if defined(__AVX512F__)
  return (U64)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (U64)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (U64)_mm_mul_epu32((__m128i)a, (__m128i)b);
#elif defined(TULLE_NEON)
  return (U64)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
#elif defined(__wasm_simd128__)
  return (U64)wasm_u64x2_extmul_low_u32x4(wasm_i32x4_shuffle((v128_t)a, (v128_t)a, 0, 2, 0, 2),
                                          wasm_i32x4_shuffle((v128_t)b, (v128_t)b, 0, 2, 0, 2));
#else
  return ((U64)a & 0xFFFFFFFFu) * ((U64)b & 0xFFFFFFFFu);
#endif
}

/// Even lanes of a, odd lanes of b.
TULLE_INLINE U32 even_odd(U32 a, U32 b) {
#if defined(__AVX512F__)
  return (U32)_mm512_mask_blend_epi32(0xAAAA, (__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (U32)_mm256_blend_epi32((__m256i)a, (__m256i)b, 0xAA);
#elif defined(__SSE4_1__)
  return (U32)_mm_blend_epi16((__m128i)a, (__m128i)b, 0xCC);
#elif defined(TULLE_NEON)
  return (U32)vbslq_u32((uint32x4_t)(U64{} + 0xFFFFFFFFu), (uint32x4_t)a, (uint32x4_t)b);
#else
  return (U32)(((U64)a & 0xFFFFFFFFu) | ((U64)b & ~UINT64_C(0xFFFFFFFF)));
#endif
}

TULLE_INLINE U32 abs_of(I32 x) {
#if defined(__AVX512F__)
  return (U32)_mm512_abs_epi32((__m512i)x);
#elif defined(__AVX2__)
  return (U32)_mm256_abs_epi32((__m256i)x);
#elif defined(__SSSE3__)
  return (U32)_mm_abs_epi32((__m128i)x);
#elif defined(TULLE_NEON)
  return (U32)vabsq_s32((int32x4_t)x);
#elif defined(__wasm_simd128__)
  return (U32)wasm_i32x4_abs((v128_t)x);
#else
  const I32 sign = x >> 31;
  return (U32)(x ^ sign) - (U32)sign;
#endif
}

}  // namespace
}  // namespace TULLE_ISA
}  // namespace tulle::kernels

#include "kernels/lanes.h"
