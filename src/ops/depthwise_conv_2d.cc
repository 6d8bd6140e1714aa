// DEPTHWISE_CONV_2D: the channel multiplier follows from the shapes, whatever the attribute says.
#include "ops/depthwise_conv_2d.ref.h"

#include "ops/padded_conv.h"
#include "ops/window.h"

namespace tulle::ops {
namespace {

Result<tulle_conv> geometry(const Site& site) {
  const Shape &input = site.in(0).shape, &filter = site.in(1).shape;
  if (input.rank() != 4 || filter.rank() != 4)
    return site.invalid("input is {}, filter is {}, both must have four dimensions", to_string(input),
                        to_string(filter));
  if (filter[0] != 1) return site.invalid("filter is {}, first dimension must be 1", to_string(filter));
  if (input[3] < 1 || filter[3] < 1 || filter[3] % input[3] != 0)
    return site.invalid("filter is {}, last dimension must be a multiple of the {} input channels", to_string(filter),
                        input[3]);
  TULLE_TRY(const tulle_window over, window(site, input, filter[1], filter[2]));
  return tulle_conv{.window = over, .batches = input[0], .in_c = input[3], .out_c = filter[3], .groups = input[3]};
}

}  // namespace

extern const Op op_depthwise_conv_2d = {
    .types = "f32 f32 f32? > f32; f32 i8|i4 f32? > f32; i8 i8|i4 i32? > i8; u8 u8 i32? > u8; i16 i8|i4 i32|i64? > i16",
    .shape = [](Site& site) -> Result<void> {
      TULLE_TRY(const tulle_conv conv, geometry(site));
      return site.set_shape(0, {conv.batches, conv.window.out_h, conv.window.out_w, conv.out_c});
    },
    .prepare = [](Site& site) -> Result<Kernel> {
      TULLE_TRY(const tulle_conv found, geometry(site));
      ConvPlan plan{.conv = found,
                    .sums = {tulle_depthwise_conv_2d_sums_f32, tulle_depthwise_conv_2d_sums_i8,
                             tulle_depthwise_conv_2d_sums_u8, tulle_depthwise_conv_2d_sums_i16},
                    .filter_axis = 3,
                    .form = Form::kDepthwise};
      take_over_pad(site, plan);
      return conv(site, plan);
    },
};

}  // namespace tulle::ops
