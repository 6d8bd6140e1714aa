// Operators that work on rows along the last dimension.
#pragma once

#include "ops/op.h"

namespace tulle::ops {

struct Rows {
  int64_t count;
  int32_t depth;
};

/// The rows of a tensor with at least one dimension; none where they are empty.
inline Result<Rows> rows(const Site& site, const Tensor& tensor) {
  const Shape& shape = tensor.shape;
  if (shape.rank() == 0) return site.invalid("input is a scalar, must have a last dimension");
  const int32_t depth = shape[shape.rank() - 1];
  return Rows{depth == 0 ? 0 : shape.elements() / depth, depth};
}

}  // namespace tulle::ops
