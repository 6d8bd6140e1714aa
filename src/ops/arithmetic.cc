// Fixed-point parameters of quantised arithmetic.
#include "ops/arithmetic.h"

#include <algorithm>
#include <cmath>

namespace tulle::ops {
namespace {

/// log2 of a scale within a thousandth of a power of two, in the float arithmetic that decides it in TensorFlow Lite.
std::optional<int> power_of_two(float scale) {
  const float log2 = std::log(scale) * (1.0f / std::log(2.0f));
  const float rounded = std::round(log2);
  if (std::abs(log2 - rounded) >= 1e-3f) return std::nullopt;
  return static_cast<int>(rounded);
}

}  // namespace

Result<tulle_result> quantized_result(const Site& site, double factor) {
  TULLE_TRY(const Affine out, affine(site, site.out(0), "output 0"));
  if (!std::isfinite(factor)) return site.invalid("the scales of the inputs are too large for that of the output");
  TULLE_TRY(const RangeI32 codes, activation_codes(site, site.out(0)));
  return tulle_result{tulle_factor_from(factor), out.zero_point, codes.low, codes.high};
}

Result<tulle_rescaling> rescaling(const Site& site) {
  TULLE_TRY(const Affine in, affine(site, site.in(0), "input 0"));
  // The scales are divided as floats.
  TULLE_TRY(const tulle_result to, quantized_result(site, in.scale / site.out(0).scale()));
  return tulle_rescaling{in.zero_point, to};
}

Result<tulle_common_scale> common_scale(const Site& site, int left_shift, int power) {
  TULLE_TRY(const Affine a, affine(site, site.in(0), "input 0"));
  TULLE_TRY(const Affine b, affine(site, site.in(1), "input 1"));
  TULLE_TRY(const Affine out, affine(site, site.out(0), "output 0"));
  const double common = 2.0 * std::max(a.scale, b.scale);
  const double unit = common / (1 << left_shift);
  TULLE_TRY(const tulle_result to, quantized_result(site, (power == 2 ? unit * unit : unit) / out.scale));
  return tulle_common_scale{
      left_shift, a.zero_point, b.zero_point, tulle_factor_from(a.scale / common), tulle_factor_from(b.scale / common),
      to};
}

Result<std::optional<tulle_pot_scale>> pot_scale(const Site& site) {
  TULLE_TRY(const Affine a, affine(site, site.in(0), "input 0"));
  TULLE_TRY(const Affine b, affine(site, site.in(1), "input 1"));
  TULLE_TRY(const Affine out, affine(site, site.out(0), "output 0"));
  const auto a_power = power_of_two(a.scale), b_power = power_of_two(b.scale), out_power = power_of_two(out.scale);
  if (!a_power || !b_power || !out_power || a.zero_point != 0 || b.zero_point != 0 || out.zero_point != 0)
    return std::nullopt;
  const int a_shift = *out_power - *a_power, b_shift = *out_power - *b_power;
  if ((a_shift != 0 && b_shift != 0) || a_shift < 0 || b_shift < 0) return std::nullopt;
  TULLE_TRY(const RangeI32 codes, activation_codes(site, site.out(0)));
  return tulle_pot_scale{std::min(a_shift, 31), std::min(b_shift, 31), codes.low, codes.high};
}

}  // namespace tulle::ops
