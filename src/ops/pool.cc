// Checks of pooling windows.
#include "ops/pool.h"

#include <cmath>

#include "ops/activation.h"
#include "ops/affine.h"
#include "ops/operand.h"
#include "ops/window.h"

namespace tulle::ops {

Result<tulle_pool> pool(const Site& site) {
  const Shape& input = site.in(0).shape;
  if (input.rank() != 4) return site.invalid("input is {}, must have four dimensions", to_string(input));
  if (input[3] < 1) return site.invalid("input is {}, must have at least one channel", to_string(input));
  const int64_t taps_h = site.attributes().integer("filter_height"), taps_w = site.attributes().integer("filter_width");
  if (taps_h < 1 || taps_w < 1 || taps_h > INT32_MAX || taps_w > INT32_MAX)
    return site.invalid("the window is {} by {}, must be at least 1 by 1", taps_h, taps_w);
  TULLE_TRY(const tulle_window over, window(site, input, static_cast<int32_t>(taps_h), static_cast<int32_t>(taps_w)));
  return tulle_pool{.window = over, .channels = input[3], .first_row = 0, .rows = int64_t{input[0]} * over.out_h};
}

Result<void> pool_shape(Site& site) {
  TULLE_TRY(const tulle_pool found, pool(site));
  return site.set_shape(0, {site.in(0).shape[0], found.window.out_h, found.window.out_w, found.channels});
}

Result<tulle_range_f32> pool_range(const Site& site) {
  TULLE_TRY(const RangeF32 range, activation_range(site));
  return tulle_range_f32{range.low, range.high};
}

Result<tulle_range_i32> pool_codes(const Site& site) {
  // Integers without a scale are pooled as they are, unless an activation asks what they stand for.
  if (is_quantized(site.in(0)) || is_quantized(site.out(0)) ||
      site.attributes().symbol("fused_activation_function", "NONE") != "NONE") {
    TULLE_TRY(const Affine x, affine(site, site.in(0), "input"));
    TULLE_TRY(const Affine y, affine(site, site.out(0), "output"));
    if (std::fabs(x.scale - y.scale) > 1e-6f || x.zero_point != y.zero_point)
      TULLE_CHECK(same_quantization(site, site.in(0), site.out(0)));
  }
  TULLE_TRY(const RangeI32 range, activation_codes(site, site.out(0)));
  return tulle_range_i32{range.low, range.high};
}

}  // namespace tulle::ops
