// What the preparations of ADD, SUB, MUL, DIV and SQUARED_DIFFERENCE share.
#pragma once

#include <limits>
#include <optional>

#include "ops/activation.h"
#include "ops/affine.h"
#include "ops/arithmetic.ref.h"
#include "ops/broadcast.h"
#include "ops/quantized_arithmetic.ref.h"

namespace tulle::ops {

/// The bounds of plain numbers that the fused activation sets.
template <class Bounds>
Result<Bounds> bounds_of(const Site& site) {
  using Limits = std::numeric_limits<decltype(Bounds::low)>;
  TULLE_TRY(const RangeF32 reals, activation_range(site));
  Bounds bounds = {Limits::lowest(), Limits::max()};
  if (reals.low >= 0 || (Limits::is_signed && reals.low >= -1))
    bounds.low = static_cast<decltype(bounds.low)>(reals.low);
  if (reals.high <= 6) bounds.high = static_cast<decltype(bounds.high)>(reals.high);
  return bounds;
}

/// The kernel of plain numbers within those bounds.
template <class Bounds>
Result<Kernel> bounded(const Site& site, tulle_row row) {
  TULLE_TRY(const Bounds bounds, bounds_of<Bounds>(site));
  return broadcast(site, row, bounds);
}

/// Output 0 as the result of a product of codes with this real factor; the bounds are those of the fused activation.
Result<tulle_result> quantized_result(const Site& site, double factor);

/// From the codes of input 0 to those of output 0.
Result<tulle_rescaling> rescaling(const Site& site);

/// Inputs 0 and 1 brought to a common scale, and the result taken from the first or second power of it to
/// output 0.
Result<tulle_common_scale> common_scale(const Site& site, int left_shift, int power);

/// The parameters of int16 operands whose scales are all powers of two, one input's that of the output and the other's
/// no larger; nothing where they are not so.
Result<std::optional<tulle_pot_scale>> pot_scale(const Site& site);

}  // namespace tulle::ops
