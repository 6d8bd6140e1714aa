// Sums, differences and products of 8-bit codes by vector kernels, where both operands lie side by side.
#pragma once

#include <algorithm>
#include <array>
#include <numeric>

#include "kernels/factors.h"
#include "ops/broadcast.h"
#include "ops/quantized_arithmetic.ref.h"

namespace tulle::ops {

/// A plain row with its parameters, and the kernel that does the same for two contiguous operands.
template <class T, class Params>
struct CodePairs {
  Params params;
  tulle_row plain;
  void (*fast)(const T*, const T*, T*, int64_t, const kernels::PairCodes&);
  kernels::PairCodes by;

  void (*lookup)(const uint8_t*, const uint8_t*, uint8_t*, int64_t);

  static void row(const void* const* in, const int32_t* step, void* out, int32_t count, const void* self) {
    const auto& pairs = *static_cast<const CodePairs*>(self);
    constexpr int32_t kCodes = 256, kFew = 16, kMany = 4 * kCodes;
    const int many = step[0] != 0 ? 0 : 1;
    if (step[0] != 0 && step[1] != 0) {
      pairs.fast(static_cast<const T*>(in[0]), static_cast<const T*>(in[1]), static_cast<T*>(out), count, pairs.by);
    } else if (step[0] == step[1] || count < kFew) {
      pairs.plain(in, step, out, count, &pairs.params);
    } else if (count < kMany) {
      // One code against many, in a row of copies.
      T copies[kCodes];
      std::fill_n(copies, std::min(count, kCodes), *static_cast<const T*>(in[1 - many]));
      for (int32_t at = 0; at < count; at += kCodes) {
        const T* other = static_cast<const T*>(in[many]) + at;
        pairs.fast(many == 0 ? other : copies, many == 0 ? copies : other, static_cast<T*>(out) + at,
                   std::min(kCodes, count - at), pairs.by);
      }
    } else {
      // All answers there are, then a table.
      uint8_t codes[kCodes], answers[kCodes];
      std::iota(std::begin(codes), std::end(codes), uint8_t{0});
      const void* operands[] = {in[0], in[1]};
      operands[many] = codes;
      pairs.plain(operands, step, answers, kCodes, &pairs.params);
      pairs.lookup(answers, static_cast<const uint8_t*>(in[many]), static_cast<uint8_t*>(out), count);
    }
  }
};

/// Whether kernels take a factor.
inline bool fits(tulle_factor f) { return f.shift <= 0 && f.shift >= -31; }
inline kernels::Factor factor_of(tulle_factor f) {
  return fits(f) ? kernels::factor_of(f.multiplier, f.shift) : kernels::Factor{};
}

/// Where every factor (of a, of b, of the result) is one that kernels take, the kernel `i8` or `u8` beside the plain
/// row; else that alone.
template <class T, class Params>
Result<Kernel> code_pairs(const Site& site, tulle_row plain, const Params& params,
                          const std::array<tulle_factor, 3>& factors, kernels::PairCodes by,
                          decltype(kernels::Kernels::add_i8) kernels::Kernels::* i8,
                          decltype(kernels::Kernels::add_u8) kernels::Kernels::* u8) {
  if (site.kernels == nullptr || !std::ranges::all_of(factors, fits)) return broadcast(site, plain, params);
  const auto channel = [](tulle_factor f) { return kernels::ChannelFactor{0, f.multiplier, f.shift}; };
  kernels::fill_reals(*site.kernels, channel(factors[0]), channel(factors[1]), channel(factors[2]), by);
  CodePairs<T, Params> pairs{params, plain, nullptr, by, site.kernels->lookup};
  if constexpr (std::is_signed_v<T>)
    pairs.fast = site.kernels->*i8;
  else
    pairs.fast = site.kernels->*u8;
  return broadcast(site, pairs.row, pairs);
}

/// The kernel of ADD or SUB. `plain` is the row that does it by itself.
template <class T>
Result<Kernel> code_sums(const Site& site, tulle_row plain, const tulle_common_scale& scale, bool subtract) {
  return code_pairs<T>(site, plain, scale, {{scale.a_factor, scale.b_factor, scale.to.factor}},
                       {.a_zero = scale.a_zero_point,
                        .b_zero = scale.b_zero_point,
                        .left_shift = scale.left_shift,
                        .subtract = subtract,
                        .a = factor_of(scale.a_factor),
                        .b = factor_of(scale.b_factor),
                        .to = factor_of(scale.to.factor),
                        .zero_point = scale.to.zero_point,
                        .low = scale.to.low,
                        .high = scale.to.high},
                       &kernels::Kernels::add_i8, &kernels::Kernels::add_u8);
}

/// The kernel of MUL.
template <class T>
Result<Kernel> code_products(const Site& site, tulle_row plain, const tulle_offsets& offsets) {
  return code_pairs<T>(site, plain, offsets, {{{}, {}, offsets.to.factor}},
                       {.a_zero = offsets.a_zero_point,
                        .b_zero = offsets.b_zero_point,
                        .to = factor_of(offsets.to.factor),
                        .zero_point = offsets.to.zero_point,
                        .low = offsets.to.low,
                        .high = offsets.to.high},
                       &kernels::Kernels::mul_i8, &kernels::Kernels::mul_u8);
}

}  // namespace tulle::ops
