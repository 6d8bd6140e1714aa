// The copies that cut and join tensors.
#include "ops/parts.h"

namespace tulle::ops {

std::vector<Copy> cut(int input, const Shape& whole, int axis, std::span<const int64_t> parts, int64_t element_bytes) {
  std::vector<Copy> copies;
  if (whole.elements() == 0) return copies;
  const int64_t outer = whole.elements(0, axis), inner = whole.elements(axis + 1, whole.rank()),
                row = whole[axis] * inner;
  int64_t start = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const int64_t piece = parts[i] * inner;
    const Loop loops[] = {{outer, row, piece}, {piece, 1, 1}};
    copies.push_back({input, static_cast<int>(i), strided(loops, element_bytes, start)});
    start += piece;
  }
  return copies;
}

std::vector<Copy> join(const Shape& whole, int axis, std::span<const int64_t> parts, int64_t element_bytes) {
  std::vector<Copy> copies = cut(0, whole, axis, parts, element_bytes);
  for (Copy& copy : copies) {
    std::swap(copy.input, copy.output);
    std::swap(copy.strided.from, copy.strided.to);
    std::swap(copy.strided.from_start, copy.strided.to_start);
  }
  return copies;
}

}  // namespace tulle::ops
