// What the families of one instruction set offer to its table, and the tiles they share. Included by *.simd.cc alone.
#pragma once

#include "kernels/kernels.h"
#include "kernels/simd.h"

// A set that only multiplies bytes otherwise than another one has the rest of that one's families.
#if !defined(TULLE_BASE)
#define TULLE_BASE TULLE_ISA
#endif

namespace tulle::kernels::TULLE_ISA {

#define TULLE_ROW_2(ROW, r) ROW(r, 1) ROW(r, 2)
#define TULLE_ROW_3(ROW, r) ROW(r, 1) ROW(r, 2) ROW(r, 3)
#define TULLE_ROW_4(ROW, r) ROW(r, 1) ROW(r, 2) ROW(r, 3) ROW(r, 4)
#define TULLE_4X2(ROW) TULLE_ROW_2(ROW, 1) TULLE_ROW_2(ROW, 2) TULLE_ROW_2(ROW, 3) TULLE_ROW_2(ROW, 4)
#define TULLE_6X2(ROW) \
  TULLE_ROW_2(ROW, 1)  \
  TULLE_ROW_2(ROW, 2)  \
  TULLE_ROW_2(ROW, 3) TULLE_ROW_2(ROW, 4) TULLE_ROW_2(ROW, 5) TULLE_ROW_2(ROW, 6)
#define TULLE_6X4(ROW) \
  TULLE_ROW_4(ROW, 1)  \
  TULLE_ROW_4(ROW, 2)  \
  TULLE_ROW_4(ROW, 3) TULLE_ROW_4(ROW, 4) TULLE_ROW_4(ROW, 5) TULLE_ROW_4(ROW, 6)
#define TULLE_8X3(ROW) \
  TULLE_ROW_3(ROW, 1)  \
  TULLE_ROW_3(ROW, 2)  \
  TULLE_ROW_3(ROW, 3)  \
  TULLE_ROW_3(ROW, 4) TULLE_ROW_3(ROW, 5) TULLE_ROW_3(ROW, 6) TULLE_ROW_3(ROW, 7) TULLE_ROW_3(ROW, 8)

// Accumulators, the weights of one step and one activation fit the 16 (512-bit sets and NEON: 32) registers.
#if defined(__AVX512BW__)
constexpr int kIntRows = 8, kIntVectors = 3, kFloatRows = 8, kFloatVectors = 3;
#define TULLE_INT_TILES(ROW) TULLE_8X3(ROW)
#define TULLE_FLOAT_TILES(ROW) TULLE_8X3(ROW)
#elif defined(TULLE_NEON)
constexpr int kIntRows = 6, kIntVectors = 4, kFloatRows = 6, kFloatVectors = 4;
#define TULLE_INT_TILES(ROW) TULLE_6X4(ROW)
#define TULLE_FLOAT_TILES(ROW) TULLE_6X4(ROW)
#elif defined(__wasm_simd128__)
// Engines keep 15 registers for vectors and the order of the module: more would go through memory.
constexpr int kIntRows = 4, kIntVectors = 2, kFloatRows = 4, kFloatVectors = 2;
#define TULLE_INT_TILES(ROW) TULLE_4X2(ROW)
#define TULLE_FLOAT_TILES(ROW) TULLE_4X2(ROW)
#else
constexpr int kIntRows = 6, kIntVectors = 2, kFloatRows = 6, kFloatVectors = 2;
#define TULLE_INT_TILES(ROW) TULLE_6X2(ROW)
#define TULLE_FLOAT_TILES(ROW) TULLE_6X2(ROW)
#endif

// gemm_int.simd.cc
extern void (*const int_tiles[])(const IntTile&);
extern const Activations activations;
#if !TULLE_QUADS
extern void (*const square_tiles[])(const SquareTile&);
#endif
void flip(const uint8_t* x, int64_t count, uint8_t* out);
int32_t total(const uint8_t* x, int64_t count);

// depthwise.simd.cc
extern const DepthwiseForm depthwise_pairs;
int64_t pair_bytes(int32_t taps_h, int32_t taps_w);
void pack_pairs(const int16_t* w, int64_t stride, int32_t taps_h, int32_t taps_w, int32_t channels, void* out);
void centre_i8(const int8_t* x, int64_t count, int32_t zero_point, int16_t* out);
void centre_u8(const uint8_t* x, int64_t count, int32_t zero_point, int16_t* out);

// depthwise_quads.simd.cc
extern const DepthwiseForm depthwise_quads;
void spread(const uint8_t* x, int64_t pixels, int32_t channels, uint8_t flip, uint8_t* out);

// int_winograd.simd.cc
#if !TULLE_QUADS
extern const SquareKernels squares;
#endif

extern const Kernels kernels;

}  // namespace tulle::kernels::TULLE_ISA

namespace tulle::kernels::TULLE_BASE {

// gemm_f32.simd.cc
extern void (*const float_tiles[])(const FloatTile&);

// gemm_wide.simd.cc
extern void (*const wide_tiles[])(const WideTile&);

// float_depthwise.simd.cc
void float_depthwise(const FloatDepthwiseTile& tile);

// winograd.simd.cc
void winograd_input(const float* const* pixels, int32_t channels, float* out, int64_t step);
void winograd_output(const WinogradOutput& to);

// codes.simd.cc
void codes(const CodesTile& tile);
int32_t codes_real(const CodesTile& tile);
int32_t codes_signed(const CodesTile& tile);

// reals.simd.cc
void reals(const RealsTile& tile);

// elementwise.simd.cc
void add_i8(const int8_t* a, const int8_t* b, int8_t* y, int64_t count, const PairCodes& by);
void add_u8(const uint8_t* a, const uint8_t* b, uint8_t* y, int64_t count, const PairCodes& by);
void mul_i8(const int8_t* a, const int8_t* b, int8_t* y, int64_t count, const PairCodes& by);
void mul_u8(const uint8_t* a, const uint8_t* b, uint8_t* y, int64_t count, const PairCodes& by);
void lookup(const uint8_t* table, const uint8_t* x, uint8_t* y, int64_t count);
void exp(const float* x, float* y, int64_t count);
void logistic(const float* x, float* y, int64_t count);
void swish(const float* x, float* y, int64_t count);
void tanh(const float* x, float* y, int64_t count);
void gelu(const float* x, float* y, int64_t count);
void gelu_by_tanh(const float* x, float* y, int64_t count);
void softmax(const float* x, float* y, int64_t count, float beta);
float sum(const float* x, int64_t count);

}  // namespace tulle::kernels::TULLE_BASE
