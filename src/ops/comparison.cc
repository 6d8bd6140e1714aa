// Preparation of comparisons.
#include "ops/comparison.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "ops/affine.h"
#include "ops/string_tensor.h"

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
  return broadcast(site, row,
                   tulle_scales{a.zero_point, b.zero_point, tulle_factor_from(a.scale / divisor),
                                tulle_factor_from(b.scale / divisor)});
}

struct Strings {
  const Tensor *a, *b;
  tulle_row compare;  ///< of int32 numbers
};

/// A row over the positions of strings: their order as a number below, at or above 0 is compared with 0.
void compare_strings(const void* const* in, const int32_t* step, void* out, int32_t count, const void* params) {
  const auto& [a, b, compare] = *static_cast<const Strings*>(params);
  const auto* x = static_cast<const int32_t*>(in[0]);
  const auto* y = static_cast<const int32_t*>(in[1]);
  const int32_t zero = 0;
  for (int32_t i = 0; i < count; ++i) {
    const int32_t order = string_at(*a, x[i * step[0]]).compare(string_at(*b, y[i * step[1]]));
    const void* const numbers[3] = {&order, &zero, nullptr};
    const int32_t still[3] = {};
    const tulle_nothing nothing = {};
    compare(numbers, still, static_cast<uint8_t*>(out) + i, 1, &nothing);
  }
}

/// Walks over the positions of strings, int32 numbers from 0 on, as if they were the operands.
Result<Kernel> by_string(const Site& site, const Comparison& rows) {
  Tensor a = site.in(0), b = site.in(1);
  a.dtype = b.dtype = DType::kInt32;
  const std::array<Tensor*, 2> operands = {&a, &b};
  std::vector<int32_t> positions(static_cast<size_t>(std::max(a.elements(), b.elements())));
  std::iota(positions.begin(), positions.end(), 0);
  return [where = site.where(), walk = plan_broadcast(site.out(0), operands), positions = std::move(positions),
          compare = row_for(rows.plain, DType::kInt32)](const Io& io) -> Result<void> {
    const Strings params = {io.inputs[0], io.inputs[1], compare};
    if (!holds_strings(*params.a) || !holds_strings(*params.b)) return run_error(where, "malformed strings");
    const void* const in[3] = {positions.data(), positions.data(), nullptr};
    tulle_broadcast_run(&walk, compare_strings, in, io.out<void>(0), &params);
    return {};
  };
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
  if (site.in(0).dtype == DType::kString) return by_string(site, rows);
  if (site.in(0).dtype == DType::kInt16 && is_quantized(site.in(0))) return by_value(site, rows.q16);
  return order(site, rows);
}

}  // namespace tulle::ops
