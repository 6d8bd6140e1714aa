// What WebAssembly's relaxed product of bytes does on this machine, which the standard leaves open.
#pragma once

#include <wasm_simd128.h>

#include <cstdint>
#include <optional>

#include "kernels/kernels.h"

namespace tulle::kernels {

/// How the second operand of i32x4.relaxed_dot_i8x16_i7x16_add_s is taken where its highest bit is set. Nothing where
/// sums of two products saturate, as they do on x86-64 without dot products of bytes.
inline std::optional<Activations> relaxed_dot() {
  // The largest sums of either sign, and one of both; volatile, so that no compiler works them out by its own rules.
  volatile int8_t weights[16] = {127, 127, 127, 127, -128, -128, -128, -128, 127, -128, 1, -1, -1, 2, -3, 4};
  volatile uint8_t values[16] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 128, 129, 254, 128, 200, 250, 255};
  int8_t w[16];
  uint8_t x[16];
  for (int i = 0; i < 16; ++i) {
    w[i] = weights[i];
    x[i] = values[i];
  }
  int32_t sums[4];
  wasm_v128_store(sums, wasm_i32x4_relaxed_dot_i8x16_i7x16_add(wasm_v128_load(w), wasm_v128_load(x),
                                                               wasm_i32x4_const(1, -1, 100000, -100000)));
  bool as_signed = true, as_unsigned = true;
  for (int lane = 0; lane < 4; ++lane) {
    constexpr int32_t kStart[4] = {1, -1, 100000, -100000};
    int32_t of_signed = kStart[lane], of_unsigned = kStart[lane];
    for (int i = 4 * lane; i < 4 * lane + 4; ++i) {
      of_signed += w[i] * static_cast<int8_t>(x[i]);
      of_unsigned += w[i] * x[i];
    }
    as_signed = as_signed && sums[lane] == of_signed;
    as_unsigned = as_unsigned && sums[lane] == of_unsigned;
  }
  if (as_unsigned) return Activations::kUnsignedQuads;
  if (as_signed) return Activations::kSignedQuads;
  return std::nullopt;
}

}  // namespace tulle::kernels
