// Shape arithmetic that cannot overflow.
#include "graph/shape.h"

#include <algorithm>

namespace tulle {

Shape::Shape(std::initializer_list<int32_t> dims) {
  for (int32_t dim : dims) push_back(dim);
}

std::optional<Shape> Shape::from(std::span<const int32_t> dims) {
  if (dims.size() > kMaxRank) return std::nullopt;
  Shape shape;
  for (int32_t dim : dims) {
    if (dim < kUnknown) return std::nullopt;
    shape.push_back(dim);
  }
  return shape;
}

Shape Shape::filled(int rank, int32_t value) {
  Shape shape;
  for (int i = 0; i < rank; ++i) shape.push_back(value);
  return shape;
}

bool Shape::operator==(const Shape& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

bool Shape::push_back(int32_t dim) {
  if (rank_ == kMaxRank) return false;
  dims_[rank_++] = dim;
  return true;
}

bool Shape::known() const {
  return std::none_of(begin(), end(), [](int32_t dim) { return dim == kUnknown; });
}

int64_t Shape::elements() const { return elements(0, rank_); }

int64_t Shape::elements(int first, int last) const {
  constexpr int64_t kLimit = INT64_MAX / 2;
  int64_t product = 1;
  bool saturated = false;
  for (int i = first; i < last; ++i) {
    const int64_t dim = dims_[i];
    if (dim == kUnknown) return -1;
    if (dim == 0) return known() ? 0 : -1;
    if (product > kLimit / dim)
      saturated = true;
    else
      product *= dim;
  }
  return saturated ? kLimit : product;
}

int64_t Shape::extent() const {
  Shape positive;
  for (int32_t dim : dims())
    if (dim > 0) positive.push_back(dim);
  return positive.elements();
}

std::string to_string(const Shape& shape) {
  std::string out = "[";
  for (int i = 0; i < shape.rank(); ++i) {
    if (i > 0) out += ',';
    out += shape[i] == kUnknown ? std::string("?") : std::to_string(shape[i]);
  }
  return out + "]";
}

}  // namespace tulle
