// Element-wise operators of up to three operands that stretch to a common shape.
#pragma once

#include <span>

#include "ops/broadcast.ref.h"
#include "ops/op.h"

namespace tulle::ops {

/// A shape rule: output 0 has the shape that all inputs stretch to, dimension by dimension from the last: the extents
/// are equal, or 1.
Result<void> broadcast_shape(Site& site);

/// The walk over an output for up to three inputs that stretch to its shape. Neighbouring dimensions along which every
/// operand moves alike are joined.
tulle_broadcast plan_broadcast(const Tensor& out, std::span<Tensor* const> inputs);

/// The row function for one operand type.
struct TypedRow {
  DType type;
  tulle_row row;
};
/// The one for this type. The operator's type rows let no other type through.
tulle_row row_for(std::span<const TypedRow> rows, DType type);

/// Runs `row` over all elements, in parts along the outermost dimension where there are many.
void run_broadcast(const Io& io, const tulle_broadcast& walk, tulle_row row, const void* params);

/// The kernel that runs `row` over all elements.
template <class Params>
Result<Kernel> broadcast(const Site& site, tulle_row row, const Params& params) {
  return [walk = plan_broadcast(site.out(0), site.inputs), row, params](const Io& io) -> Result<void> {
    run_broadcast(io, walk, row, &params);
    return {};
  };
}

/// The same for rows without parameters, chosen by the type of input `by`.
inline Result<Kernel> broadcast(const Site& site, std::span<const TypedRow> rows, int by = 0) {
  return broadcast(site, row_for(rows, site.in(by).dtype), tulle_nothing{});
}

}  // namespace tulle::ops
