// Shapes of batched products.
#include "ops/matrices.h"

#include <algorithm>
#include <utility>

namespace tulle::ops {

Matrices::Pair Matrices::at(int64_t index) const {
  Pair pair = {0, 0};
  for (int i = output.rank() - 3; i >= 0; --i) {
    const int64_t along = index % output[i];
    pair.left += along * left_steps[i];
    pair.right += along * right_steps[i];
    index /= output[i];
  }
  return pair;
}

Result<Matrices> matrices(const Site& site) {
  const Shape &left = site.in(0).shape, &right = site.in(1).shape;
  if (left.rank() < 2 || right.rank() < 2)
    return site.invalid("operands are {} and {}, must have at least two dimensions", to_string(left), to_string(right));
  Matrices found = {};
  found.left_flipped = site.attributes().flag("adj_x");
  found.right_flipped = site.attributes().flag("adj_y");
  found.rows = left[left.rank() - 2], found.depth = left[left.rank() - 1];
  int32_t depth = right[right.rank() - 2];
  found.columns = right[right.rank() - 1];
  if (found.left_flipped) std::swap(found.rows, found.depth);
  if (found.right_flipped) std::swap(depth, found.columns);
  if (depth != found.depth)
    return site.invalid("operands are {} and {}, their matrices have depths {} and {}", to_string(left),
                        to_string(right), found.depth, depth);
  const int rank = std::max(left.rank(), right.rank());
  found.output = Shape::filled(rank, 1);
  found.output[rank - 2] = found.rows, found.output[rank - 1] = found.columns;
  int64_t left_step = 1, right_step = 1;
  for (int i = rank - 3; i >= 0; --i) {
    const int l = i - (rank - left.rank()), r = i - (rank - right.rank());
    const int32_t left_size = l < 0 ? 1 : left[l], right_size = r < 0 ? 1 : right[r];
    if (left_size != right_size && left_size != 1 && right_size != 1)
      return site.invalid("operands are {} and {}, dimensions {} and {} do not broadcast", to_string(left),
                          to_string(right), left_size, right_size);
    found.output[i] = left_size == 1 ? right_size : left_size;
    found.left_steps[i] = left_size == 1 ? 0 : static_cast<int32_t>(left_step);
    found.right_steps[i] = right_size == 1 ? 0 : static_cast<int32_t>(right_step);
    left_step *= left_size, right_step *= right_size;
    if (left_step > kMaxElements || right_step > kMaxElements) return site.invalid("operands hold too many matrices");
  }
  found.count = found.output.elements(0, rank - 2);
  return found;
}

}  // namespace tulle::ops
