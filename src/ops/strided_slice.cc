// STRIDED_SLICE: every stride-th element from begin to end along each dimension, as Python slices a nested list. Bits
// of the masks stand for positions of begin, end and strides: begin_mask and end_mask ignore the bound there,
// ellipsis_mask stands for all dimensions that no other position names, new_axis_mask adds a dimension of one,
// shrink_axis_mask takes one element and drops the dimension. With `offset`, end counts from begin.
#include <algorithm>

#include "ops/move.h"
#include "ops/operand.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

/// What is taken of one dimension of the input, or of none (a new axis).
struct Range {
  int dim = -1;
  int64_t start = 0, stride = 1, count = 1;
  bool kept = true;  ///< the output has this dimension
};

/// Start and number of the elements that a bound pair takes of a dimension of this size.
Result<Range> take(const Site& site, int dim, int64_t size, int64_t begin, int64_t end, int64_t stride,
                   uint32_t masks_begin, uint32_t masks_end, uint32_t shrinks) {
  if (stride == 0) return site.invalid("the stride of dimension {} is 0", dim);
  constexpr int64_t kFar = int64_t{1} << 32;  // further than any element, and safe to add
  begin = std::clamp(begin, -kFar, kFar);
  end = std::clamp(end, -kFar, kFar);
  stride = std::clamp(stride, -kFar, kFar);
  Range range = {.dim = dim, .kept = shrinks == 0};
  const int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? size : size - 1;
  range.start = masks_begin ? (stride > 0 ? 0 : size - 1) : std::clamp(begin < 0 ? begin + size : begin, low, high);
  if (shrinks) {
    if ((!masks_begin && (begin < -size || begin >= size)) || size == 0)
      return site.invalid("index {} is outside dimension {} of size {}", begin, dim, size);
    return range;
  }
  if (site.attributes().flag("offset")) end += range.start;
  const int64_t stop = masks_end ? (stride > 0 ? size : -1) : std::clamp(end < 0 ? end + size : end, low, high);
  const int64_t span = stride > 0 ? stop - range.start : range.start - stop;
  range.count = span <= 0 ? 0 : (span - 1) / std::abs(stride) + 1;
  if (range.count > 1) range.stride = stride;
  return range;
}

Result<std::vector<Range>> ranges(const Site& site) {
  const Shape& in = site.in(0).shape;
  const std::vector<int64_t> begin = integers(site, 1), end = integers(site, 2), strides = integers(site, 3);
  const auto mask = [&](const char* name) { return static_cast<uint32_t>(site.attributes().integer(name)); };
  const uint32_t begins = mask("begin_mask"), ends = mask("end_mask"), ellipsis = mask("ellipsis_mask"),
                 added = mask("new_axis_mask") & ~ellipsis, shrinks = mask("shrink_axis_mask") & ~ellipsis & ~added;
  const int count = static_cast<int>(begin.size());
  int named = 0, ellipses = 0;
  for (int i = 0; i < count; ++i) {
    ellipses += ellipsis >> i & 1;
    named += ((ellipsis | added) >> i & 1) == 0;
  }
  if (ellipses > 1) return site.invalid("ellipsis_mask {:#x} has more than one bit", ellipsis);
  if (named > in.rank())
    return site.invalid("{} dimensions are named, the input {} has {}", named, to_string(in), in.rank());
  std::vector<Range> list;
  int dim = 0;
  const auto whole = [&](int until) {
    for (; dim < until; ++dim) list.push_back({.dim = dim, .count = in[dim]});
  };
  for (int i = 0; i < count; ++i) {
    if (ellipsis >> i & 1) {
      whole(dim + in.rank() - named);
    } else if (added >> i & 1) {
      list.push_back({});
    } else {
      TULLE_TRY(const Range range, take(site, dim, in[dim], begin[i], end[i], strides[i], begins >> i & 1,
                                        ends >> i & 1, shrinks >> i & 1));
      list.push_back(range);
      ++dim;
    }
  }
  whole(in.rank());
  return list;
}

Result<void> shape(Site& site) {
  for (int i : {1, 2, 3})
    if (site.in(i).shape.rank() != 1 || site.in(i).elements() != site.in(1).elements() ||
        site.in(i).elements() > 2 * kMaxRank)
      return site.invalid("begin {}, end {} and strides {} must be vectors of one length, at most {}",
                          to_string(site.in(1).shape), to_string(site.in(2).shape), to_string(site.in(3).shape),
                          2 * kMaxRank);
  if (!site.known(1) || !site.known(2) || !site.known(3)) return site.defer();
  TULLE_TRY(const std::vector<Range> list, ranges(site));
  std::vector<int64_t> dims;
  for (const Range& range : list)
    if (range.kept) dims.push_back(range.count);
  TULLE_TRY(const Shape shape, make_shape(site, dims));
  return set_moved_shape(site, 0, shape);
}

Result<Kernel> prepare(Site& site) {
  const auto from = row_major(site.in(0).shape), to = row_major(site.out(0).shape);
  TULLE_TRY(const std::vector<Range> list, ranges(site));
  std::vector<Loop> loops;
  int64_t start = 0;
  int out = 0;
  for (const Range& range : list) {
    const int at = range.kept ? out++ : -1;
    if (range.dim < 0) continue;
    start += range.start * from[range.dim];
    if (at >= 0) loops.push_back({range.count, range.stride * from[range.dim], to[at]});
  }
  std::vector<Copy> copies = {{0, 0, strided(loops, element_bytes(site.in(0)), start)}};
  tell_pieces(site, copies);
  return copy_kernel(std::move(copies));
}

}  // namespace

extern const Op op_strided_slice = {
    .types = "T I I I > T : T=" TULLE_MOVED " I=i32 i64",
    .shape = shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
