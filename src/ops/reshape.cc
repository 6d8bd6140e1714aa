// RESHAPE: the same elements in another shape, which an operand or the attribute new_shape gives.
#include "ops/move.h"
#include "ops/operand.h"
#include "ops/relabel.h"

namespace tulle::ops {
namespace {

/// Replaces the one -1 among the dimensions by what the elements of the input leave for it.
Result<void> stretch(const Site& site, std::vector<int64_t>& dims) {
  const int64_t in = site.in(0).elements();
  int64_t out = 1, in_nonzero = 1, out_nonzero = 1;
  for (int32_t dim : site.in(0).shape)
    if (dim != 0 && in_nonzero <= kMaxElements) in_nonzero *= dim;
  int64_t* open = nullptr;
  for (int64_t& dim : dims) {
    if (dim == -1) {
      if (open != nullptr) return site.invalid("more than one dimension of the new shape is -1");
      open = &dim;
      continue;
    }
    if (dim < 0 || dim > INT32_MAX)
      return site.invalid("dimension {} of the new shape is outside 0…{}", dim, INT32_MAX);
    if (dim != 0 && out_nonzero > kMaxElements / dim)
      return site.invalid("the new shape has over {} elements", kMaxElements);
    out *= dim;
    if (dim != 0) out_nonzero *= dim;
  }
  if (open != nullptr) *open = in == 0 && out != 0 ? 0 : in_nonzero / out_nonzero;
  return {};
}

Result<void> shape(Site& site) {
  std::vector<int64_t> dims;
  if (site.has(1) && site.in(1).shape.rank() == 1) {
    if (!site.known(1)) return site.defer();
    if (site.in(1).elements() > kMaxRank)
      return site.unsupported("a new shape of {} dimensions, at most {} work", site.in(1).elements(), kMaxRank);
    dims = integers(site, 1);
  } else {
    dims = site.attributes().integers("new_shape");
    if (dims.size() > kMaxRank)
      return site.unsupported("a new shape of {} dimensions, at most {} work", dims.size(), kMaxRank);
    if (dims.size() == 1 && dims[0] == 0) dims.clear();  // how old files write a scalar
  }
  TULLE_CHECK(stretch(site, dims));
  TULLE_TRY(const Shape shape, make_shape(site, dims));
  if (shape.elements() != site.in(0).elements())
    return site.invalid("the new shape {} has {} elements, the input {} has {}", to_string(shape), shape.elements(),
                        to_string(site.in(0).shape), site.in(0).elements());
  return set_moved_shape(site, 0, shape);
}

}  // namespace

extern const Op op_reshape = {
    .types = "T i32|i64? > T : T=" TULLE_MOVED,
    .shape = shape,
    .prepare = relabel,
    .in_place = 1,
};

}  // namespace tulle::ops
