// Sums, differences and products of 8-bit codes by vector kernels, where both operands lie side by side.
#pragma once

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

  static void row(const void* const* in, const int32_t* step, void* out, int32_t count, const void* self) {
    const auto& pairs = *static_cast<const CodePairs*>(self);
    if (step[0] != 0 && step[1] != 0)
      pairs.fast(static_cast<const T*>(in[0]), static_cast<const T*>(in[1]), static_cast<T*>(out), count, pairs.by);
    else
      pairs.plain(in, step, out, count, &pairs.params);
  }
};

/// The kernel of ADD or SUB. `plain` is the row that does it by itself.
template <class T>
Result<Kernel> code_sums(const Site& site, tulle_row plain, const tulle_common_scale& scale, bool subtract) {
  const auto fits = [](tulle_factor f) { return f.shift <= 0 && f.shift >= -31; };
  if (site.kernels == nullptr || !fits(scale.a_factor) || !fits(scale.b_factor) || !fits(scale.to.factor))
    return broadcast(site, plain, scale);
  const auto factor = [](tulle_factor f) { return kernels::factor_of(f.multiplier, f.shift); };
  CodePairs<T, tulle_common_scale> pairs{scale,
                                         plain,
                                         nullptr,
                                         {.a_zero = scale.a_zero_point,
                                          .b_zero = scale.b_zero_point,
                                          .left_shift = scale.left_shift,
                                          .subtract = subtract,
                                          .a = factor(scale.a_factor),
                                          .b = factor(scale.b_factor),
                                          .to = factor(scale.to.factor),
                                          .zero_point = scale.to.zero_point,
                                          .low = scale.to.low,
                                          .high = scale.to.high}};
  if constexpr (std::is_signed_v<T>)
    pairs.fast = site.kernels->add_i8;
  else
    pairs.fast = site.kernels->add_u8;
  return broadcast(site, pairs.row, pairs);
}

/// The kernel of MUL.
template <class T>
Result<Kernel> code_products(const Site& site, tulle_row plain, const tulle_offsets& offsets) {
  const tulle_factor to = offsets.to.factor;
  if (site.kernels == nullptr || to.shift > 0 || to.shift < -31) return broadcast(site, plain, offsets);
  CodePairs<T, tulle_offsets> pairs{offsets,
                                    plain,
                                    nullptr,
                                    {.a_zero = offsets.a_zero_point,
                                     .b_zero = offsets.b_zero_point,
                                     .to = kernels::factor_of(to.multiplier, to.shift),
                                     .zero_point = offsets.to.zero_point,
                                     .low = offsets.to.low,
                                     .high = offsets.to.high}};
  if constexpr (std::is_signed_v<T>)
    pairs.fast = site.kernels->mul_i8;
  else
    pairs.fast = site.kernels->mul_u8;
  return broadcast(site, pairs.row, pairs);
}

}  // namespace tulle::ops
