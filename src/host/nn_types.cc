// Tensor types of guests.
#include "host/nn_types.h"

#include <algorithm>
#include <iterator>

namespace tulle::host {
namespace {

/// What a number means for elements of so many bytes.
struct Meaning {
  uint8_t number;
  uint8_t width;
  DType type;
};
constexpr Meaning kMeanings[] = {
    {0, 2, DType::kFloat16},   // all
    {1, 4, DType::kFloat32},   // all
    {2, 1, DType::kUint8},     // old
    {2, 8, DType::kFloat64},   // new, WIT
    {3, 1, DType::kUint8},     // new
    {3, 4, DType::kInt32},     // old
    {3, 2, DType::kBfloat16},  // WIT
    {4, 4, DType::kInt32},     // new
    {4, 1, DType::kUint8},     // WIT
    {5, 8, DType::kInt64},     // new
    {5, 4, DType::kInt32},     // WIT
    {6, 8, DType::kInt64},     // WIT
};

bool has_number(DType type) {
  return std::ranges::any_of(kMeanings, [&](const Meaning& one) { return one.type == type; });
}

/// Whether some reading of the number is bytes.
bool means_bytes(uint8_t number) {
  return std::ranges::any_of(kMeanings,
                             [&](const Meaning& one) { return one.number == number && one.type == DType::kUint8; });
}

}  // namespace

bool fits(uint8_t type, int64_t elements, uint64_t bytes, DType wanted) {
  const bool known = std::ranges::find(kMeanings, type, &Meaning::number) != std::end(kMeanings);
  if (!known) return false;
  // Without elements there is no width to tell types apart by.
  if (elements == 0) return bytes == 0;
  if (!has_number(wanted) && means_bytes(type)) return true;  // whoever compares sizes has the last word
  return std::ranges::any_of(kMeanings, [&](const Meaning& one) {
    return one.number == type && one.type == wanted && bytes == static_cast<uint64_t>(elements) * one.width;
  });
}

}  // namespace tulle::host
