// The arithmetic of SAME and VALID padding.
#include "ops/window.h"

#include <algorithm>

namespace tulle::ops {

Result<Steps> steps(const Site& site, int32_t size, int32_t taps, int64_t stride, int64_t dilation) {
  constexpr int64_t kMaxReach = int64_t{1} << 30;
  const std::string_view padding = site.attributes().symbol("padding", "SAME");
  if (padding != "SAME" && padding != "VALID") return site.unsupported("padding {} is none of SAME, VALID", padding);
  if (stride < 1 || stride > INT32_MAX) return site.invalid("stride is {}, must be at least 1", stride);
  if (dilation < 1 || dilation > INT32_MAX) return site.invalid("dilation is {}, must be at least 1", dilation);
  if (taps < 1) return site.invalid("the window is {} wide, must be at least 1", taps);
  const int64_t reach = (taps - 1) * dilation + 1;
  if (taps > kMaxReach || reach > kMaxReach)
    return site.unsupported("the window reaches over {} inputs, more than {}", reach, kMaxReach);
  if (padding == "VALID") {
    const int64_t out = (size + stride - reach) / stride;
    if (out < 0) return site.invalid("a window that reaches over {} inputs does not fit into {}", reach, size);
    return Steps{static_cast<int32_t>(out), 0};
  }
  const int64_t out = (size + stride - 1) / stride;
  const int64_t overhang = std::max<int64_t>((out - 1) * stride + reach - size, 0);
  return Steps{static_cast<int32_t>(out), static_cast<int32_t>(overhang / 2)};
}

Result<tulle_window> window(const Site& site, const Shape& image, int32_t taps_h, int32_t taps_w) {
  const Attributes& attributes = site.attributes();
  const int64_t stride_h = attributes.integer("stride_h"), stride_w = attributes.integer("stride_w");
  const int64_t dilation_h = attributes.integer("dilation_h_factor", 1);
  const int64_t dilation_w = attributes.integer("dilation_w_factor", 1);
  TULLE_TRY(const Steps rows, steps(site, image[1], taps_h, stride_h, dilation_h));
  TULLE_TRY(const Steps columns, steps(site, image[2], taps_w, stride_w, dilation_w));
  return tulle_window{.in_h = image[1],
                      .in_w = image[2],
                      .out_h = rows.out,
                      .out_w = columns.out,
                      .taps_h = taps_h,
                      .taps_w = taps_w,
                      .stride_h = static_cast<int32_t>(stride_h),
                      .stride_w = static_cast<int32_t>(stride_w),
                      .dilation_h = static_cast<int32_t>(dilation_h),
                      .dilation_w = static_cast<int32_t>(dilation_w),
                      .pad_h = rows.pad,
                      .pad_w = columns.pad};
}

}  // namespace tulle::ops
