// RESIZE_NEAREST_NEIGHBOR: every pixel of the output is the pixel of the input nearest to its place.
#include "ops/in_parts.h"
#include "ops/move.h"
#include "ops/resize.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

Result<Kernel> prepare(Site& site) {
  const tulle_resize p = resize_params(site);
  if (site.out(0).elements() == 0) return [](const Io&) -> Result<void> { return {}; };
  const int columns = site.scratch(sizeof(int32_t) * static_cast<uint64_t>(p.out_width));
  return [p, columns, unit = element_bytes(site.in(0))](const Io& io) -> Result<void> {
    auto* nearest = reinterpret_cast<int32_t*>(io.scratch[static_cast<size_t>(columns)]);
    for (int32_t j = 0; j < p.out_width; ++j) nearest[j] = tulle_resize_nearest(j, p.in_width, p.out_width, &p);
    in_parts(io, int64_t{p.batches} * p.out_height, int64_t{p.out_width} * p.depth, [&](int64_t at, int64_t size, int) {
      tulle_ref_resize_nearest(io.in<char>(0), io.out<char>(0), unit, &p, nearest, at, size);
    });
    return {};
  };
}

}  // namespace

extern const Op op_resize_nearest_neighbor = {
    .types = "T i32 > T : T=" TULLE_WHOLE " " TULLE_PACKED,
    .shape = resized_shape,
    .prepare = [](Site& site) { return move_elements(site, prepare); },
};

}  // namespace tulle::ops
