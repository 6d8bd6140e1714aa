// Preparation of comparisons.
#include "ops/comparison.h"

#include <algorithm>

#include "ops/affine.h"

namespace tulle::ops {
namespace {

/// Codes on a common scale: the scales themselves, or, where one is 1 or more, both divided by the same power of two so
/// that 16-bit offsets times them fit 32 bits.
Result<Kernel> by_value(const Site& site, tulle_row row) {
  TULLE_TRY(const Affine a, affine(site, site.in(0), "input 0"));
  TULLE_TRY(const Affine b, affine(site, site.in(1), "input 1"));
  const double largest = std::max(a.scale, b.scale);
  double divisor = 1;
  while (largest / divisor >= 1) divisor *= 2;
  return broadcast(site, row, tulle_scales{a.zero_point, b.zero_point, tulle_factor_from(a.scale / divisor),
                                           tulle_factor_from(b.scale / divisor)});
}

}  // namespace

Result<Kernel> order(const Site& site, const Comparison& rows) {
  switch (site.in(0).dtype) {
    case DType::kInt8: return by_value(site, rows.i8);
    case DType::kUint8: return by_value(site, rows.u8);
    default: return broadcast(site, rows.plain);
  }
}

Result<Kernel> equality(const Site& site, const Comparison& rows) {
  if (site.in(0).dtype == DType::kInt16 && is_quantized(site.in(0))) return by_value(site, rows.q16);
  return order(site, rows);
}

}  // namespace tulle::ops
