// Scales of the 16-bit sigmoid and hyperbolic tangent.
#include "ops/sigmoid.h"

#include <cmath>

#include "ops/affine.h"

namespace tulle::ops {
namespace {

/// The exponent of the power of two that a scale is, as far as a thousandth of an octave; nothing where it is none.
std::optional<int> exponent(float scale) {
  const double exact = std::log2(scale), rounded = std::round(exact);
  if (std::fabs(exact - rounded) >= 1e-3) return std::nullopt;
  return static_cast<int>(rounded);
}

}  // namespace

Result<Kernel> sigmoid(Site& site, UnaryF32 reals, FastF32 fast, SigmoidI16 codes, int max_shift) {
  if (site.in(0).dtype != DType::kInt16) return unary(site, reals, fast);
  TULLE_TRY(const Affine x, affine(site, site.in(0), "input"));
  TULLE_TRY(const Affine y, affine(site, site.out(0), "output"));
  if (x.zero_point != 0 || y.zero_point != 0)
    return site.invalid("16-bit input and output have zero points {} and {}, must be 0", x.zero_point, y.zero_point);
  if (exponent(y.scale) != -15) return site.unsupported("16-bit output has scale {}, must be 2^-15", y.scale);
  const int shift = exponent(x.scale).value_or(-1) + 12;
  const auto by =
      tulle_sigmoid_scale_from(x.scale, exponent(x.scale) && shift >= 0 && shift <= max_shift ? 3 << shift : 0);
  tulle_sigmoid_table table;
  tulle_fill_sigmoid_table(&table);
  return [=, count = site.in(0).elements()](const Io& io) -> Result<void> {
    codes(io.in<int16_t>(0), count, by, &table, io.out<int16_t>(0));
    return {};
  };
}

}  // namespace tulle::ops
