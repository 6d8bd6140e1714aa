// Shapes and checks of operators that combine rows by segment.
#include "ops/segment.h"

#include "ops/index.ref.h"
#include "ops/operand.h"

namespace tulle::ops {
namespace {

template <class T>
Kernel kernel(const Site& site, SegmentLoop<T> loop) {
  const Shape &ids = site.in(1).shape, &out = site.out(0).shape;
  const int64_t rows = ids.elements(), row = out.elements() == 0 ? 0 : out.elements(1, out.rank());
  return [loop, rows, row, segments = int64_t{out[0]}, where = site.where()](const Io& io) -> Result<void> {
    const auto* ids = io.in<int32_t>(1);
    for (int64_t i = 0; i < rows; ++i)
      if (ids[i] >= segments)
        return run_error(where, fmt::format("id {} is {}, there are {} segments", i, ids[i], segments));
    loop(io.in<T>(0), ids, io.out<T>(0), rows, row, segments);
    return {};
  };
}

}  // namespace

Result<Kernel> segment_kernel(Site& site, SegmentLoop<float> f32, SegmentLoop<int32_t> i32) {
  return site.in(0).dtype == DType::kFloat32 ? kernel(site, f32) : kernel(site, i32);
}

Result<void> unsorted_segment_shape(Site& site) {
  const Shape &in = site.in(0).shape, &ids = site.in(1).shape;
  bool fits = ids.rank() <= in.rank() && in.rank() - ids.rank() < kMaxRank;
  for (int i = 0; fits && i < ids.rank(); ++i) fits = ids[i] == in[i];
  if (!fits) return site.invalid("ids {} are not how {} begins", to_string(ids), to_string(in));
  if (site.in(2).elements() != 1)
    return site.invalid("the number of segments has {} elements, must be one", site.in(2).elements());
  if (!site.known(2)) return site.defer();
  std::vector<int64_t> dims = integers(site, 2);
  for (int i = ids.rank(); i < in.rank(); ++i) dims.push_back(in[i]);
  TULLE_TRY(const Shape shape, make_shape(site, dims));
  return site.set_shape(0, shape);
}

}  // namespace tulle::ops
