// What the families of one instruction set offer to its table, and the tiles they share. Included by *.simd.cc alone.
#pragma once

#include "kernels/kernels.h"
#include "kernels/simd.h"

namespace tulle::kernels::TULLE_ISA {

// Accumulators, the weights of one step and one activation fit the 16 (512-bit sets: 32) registers.
#if defined(__AVX512BW__)
constexpr int kTileRows = 8, kTileVectors = 3;
#define TULLE_TILES_ROW(ROW, r) ROW(r, 1) ROW(r, 2) ROW(r, 3)
#define TULLE_TILES(ROW)                                                                          \
  TULLE_TILES_ROW(ROW, 1)                                                                         \
  TULLE_TILES_ROW(ROW, 2)                                                                         \
  TULLE_TILES_ROW(ROW, 3) TULLE_TILES_ROW(ROW, 4) TULLE_TILES_ROW(ROW, 5) TULLE_TILES_ROW(ROW, 6) \
      TULLE_TILES_ROW(ROW, 7) TULLE_TILES_ROW(ROW, 8)
#else
constexpr int kTileRows = 6, kTileVectors = 2;
#define TULLE_TILES_ROW(ROW, r) ROW(r, 1) ROW(r, 2)
#define TULLE_TILES(ROW)  \
  TULLE_TILES_ROW(ROW, 1) \
  TULLE_TILES_ROW(ROW, 2) \
  TULLE_TILES_ROW(ROW, 3) TULLE_TILES_ROW(ROW, 4) TULLE_TILES_ROW(ROW, 5) TULLE_TILES_ROW(ROW, 6)
#endif

// gemm_int.simd.cc
extern void (*const int_tiles[])(const IntTile&);
extern const int32_t int_group;
void expand_i8(const int8_t* x, int64_t count, int32_t zero_point, uint8_t* out);
void expand_u8(const uint8_t* x, int64_t count, int32_t zero_point, uint8_t* out);
int32_t total_of(const uint8_t* expanded, int64_t count);

// gemm_f32.simd.cc
extern void (*const float_tiles[])(const FloatTile&);

// depthwise.simd.cc
extern const int32_t depthwise_channels;
int64_t depthwise_bytes(int32_t terms);
void pack_depthwise(const int16_t* w, int64_t stride, int32_t terms, int32_t channels, void* out);
void depthwise(const DepthwiseTile& tile);
void float_depthwise(const FloatDepthwiseTile& tile);

// codes.simd.cc
void codes(const CodesTile& tile);
void codes_ties(const CodesTile& tile);
void codes_positive(const CodesTile& tile);

extern const Kernels kernels;

}  // namespace tulle::kernels::TULLE_ISA
