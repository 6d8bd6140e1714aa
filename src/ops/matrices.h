// The pairs of matrices that a batched product multiplies, under broadcasting of the leading dimensions.
#pragma once

#include "ops/op.h"

namespace tulle::ops {

/// Left matrices are rows by depth, right ones depth by columns, each stored the other way round where it is flipped.
struct Matrices {
  int32_t rows, depth, columns;
  bool left_flipped, right_flipped;
  Shape output;
  int64_t count;                                        ///< how many pairs
  int32_t left_steps[kMaxRank], right_steps[kMaxRank];  ///< matrices to skip per step along each leading dimension

  struct Pair {
    int64_t left, right;  ///< which matrix of either operand
  };
  Pair at(int64_t index) const;
};

/// The matrices of inputs 0 and 1, by the attributes adj_x and adj_y.
Result<Matrices> matrices(const Site& site);

}  // namespace tulle::ops
