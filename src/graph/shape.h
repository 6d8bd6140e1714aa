// Shape: up to eight dimensions, held in place.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

namespace tulle {

inline constexpr int kMaxRank = 8;
/// No tensor has more elements than this, nor would it if its dimensions of 0 were 1, so that reference kernels may
/// index with int.
inline constexpr int64_t kMaxElements = INT32_MAX;
inline constexpr int32_t kUnknown = -1;

/// The extents of a tensor, outermost first; kUnknown (-1) stands for a dimension not known before the inputs are.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int32_t> dims);

  /// The shape with these dimensions, or nothing where there are over kMaxRank or one is below -1.
  static std::optional<Shape> from(std::span<const int32_t> dims);
  /// rank dimensions, all equal to value. rank must be 0…kMaxRank.
  static Shape filled(int rank, int32_t value);

  int rank() const { return rank_; }
  int32_t& operator[](int i) { return dims_[i]; }
  int32_t operator[](int i) const { return dims_[i]; }
  const int32_t* begin() const { return dims_; }
  const int32_t* end() const { return dims_ + rank_; }
  std::span<const int32_t> dims() const { return {dims_, static_cast<size_t>(rank_)}; }
  bool operator==(const Shape& other) const;

  /// Adds a dimension at the end; false where the rank is kMaxRank already.
  bool push_back(int32_t dim);

  /// Whether no dimension is kUnknown.
  bool known() const;
  /// The product of the dimensions (1 for rank 0). Saturates at INT64_MAX/2; kUnknown dimensions make it -1.
  int64_t elements() const;
  /// The product of the dimensions that are neither 0 nor kUnknown, which kMaxElements bounds. Saturates as elements().
  int64_t extent() const;
  /// The product of dimensions first…last-1, under the same rules.
  int64_t elements(int first, int last) const;

 private:
  int32_t dims_[kMaxRank] = {};
  int8_t rank_ = 0;
};

/// "[1,224,224,3]"; kUnknown prints as "?".
std::string to_string(const Shape& shape);

}  // namespace tulle
