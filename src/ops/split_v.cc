// SPLIT_V: the input cut along an axis into parts of given sizes, one of which may be -1: what is left.
#include <algorithm>

#include "ops/move.h"
#include "ops/operand.h"
#include "ops/parts.h"

namespace tulle::ops {
namespace {

Result<std::vector<int64_t>> part_sizes(const Site& site, int64_t whole) {
  std::vector<int64_t> parts = integers(site, 1);
  int64_t* rest = nullptr;
  int64_t sum = 0;
  for (int64_t& part : parts) {
    if (part == -1 && rest == nullptr) {
      rest = &part;
      continue;
    }
    if (part < 0 || part > whole - sum)
      return site.invalid("a part of size {} does not fit in {} after {}", part, whole, sum);
    sum += part;
  }
  if (rest != nullptr)
    *rest = whole - sum;
  else if (sum != whole)
    return site.invalid("the parts have {} elements along the axis, the input has {}", sum, whole);
  return parts;
}

Result<void> shape(Site& site) {
  if (site.in(2).elements() != 1) return site.invalid("the axis has {} elements, must be one", site.in(2).elements());
  if (site.in(1).shape.rank() != 1 || site.in(1).elements() != site.output_count())
    return site.invalid("the sizes have shape {}, the node has {} outputs", to_string(site.in(1).shape),
                        site.output_count());
  if (!site.known(1) || !site.known(2)) return site.defer();
  Shape shape = site.in(0).shape;
  TULLE_TRY(const int axis, find_axis(site, integers(site, 2)[0], shape.rank()));
  TULLE_TRY(const std::vector<int64_t> parts, part_sizes(site, shape[axis]));
  for (int i = 0; i < site.output_count(); ++i) {
    shape[axis] = static_cast<int32_t>(parts[i]);
    TULLE_CHECK(set_moved_shape(site, i, shape));
  }
  return {};
}

Result<Kernel> prepare(Site& site) {
  const Shape& whole = site.in(0).shape;
  TULLE_TRY(const int axis, find_axis(site, integers(site, 2)[0], whole.rank()));
  TULLE_TRY(const std::vector<int64_t> parts, part_sizes(site, whole[axis]));
  std::vector<Copy> copies = cut(0, whole, axis, parts, element_bytes(site.in(0)));
  tell_pieces(site, copies);
  return copy_kernel(std::move(copies));
}

}  // namespace

extern const Op op_split_v = {
    .types = "T i32|i64 i32|i64 > T* : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
