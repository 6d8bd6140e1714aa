// Operands and attributes of resizing.
#include "ops/resize.h"

#include "ops/move.h"
#include "ops/operand.h"

namespace tulle::ops {

Result<void> resized_shape(Site& site) {
  const Shape& in = site.in(0).shape;
  if (in.rank() != 4 || in[1] == 0 || in[2] == 0)
    return site.invalid("input {} must be a picture [n,h,w,c]", to_string(in));
  if (site.in(1).shape != Shape{2})
    return site.invalid("the size has shape {}, must be [2]", to_string(site.in(1).shape));
  if (!site.known(1)) return site.defer();
  const std::vector<int64_t> size = integers(site, 1);
  if (size[0] < 1 || size[1] < 1) return site.invalid("the size is {} by {}, must be positive", size[0], size[1]);
  const int64_t dims[] = {in[0], size[0], size[1], in[3]};
  TULLE_TRY(const Shape shape, make_shape(site, dims));
  return set_moved_shape(site, 0, shape);
}

tulle_resize resize_params(const Site& site) {
  const Shape &in = site.in(0).shape, &out = site.out(0).shape;
  const bool align = site.attributes().flag("align_corners"), half = site.attributes().flag("half_pixel_centers");
  return {.batches = in[0],
          .in_height = in[1],
          .in_width = in[2],
          .out_height = out[1],
          .out_width = out[2],
          .depth = in[3],
          .align_corners = align,
          .half_pixel_centers = half};
}

}  // namespace tulle::ops
