// CONV_2D, with groups and dilation.
#include "ops/conv_2d.ref.h"

#include <algorithm>

#include "ops/padded_conv.h"
#include "ops/window.h"

namespace tulle::ops {
namespace {

Result<tulle_conv> geometry(const Site& site) {
  const Shape &input = site.in(0).shape, &filter = site.in(1).shape;
  if (input.rank() != 4 || filter.rank() != 4)
    return site.invalid("input is {}, filter is {}, both must have four dimensions", to_string(input),
                        to_string(filter));
  if (filter[3] < 1 || input[3] < 1 || input[3] % filter[3] != 0)
    return site.invalid("filter is {}, last dimension must divide the {} input channels", to_string(filter), input[3]);
  const int32_t groups = input[3] / filter[3];
  if (filter[0] < 1 || filter[0] % groups != 0)
    return site.invalid("filter is {}, first dimension must be a multiple of the {} groups", to_string(filter), groups);
  TULLE_TRY(const tulle_window over, window(site, input, filter[1], filter[2]));
  return tulle_conv{.window = over, .batches = input[0], .in_c = input[3], .out_c = filter[0], .groups = groups};
}

/// Filters with several different scales, and groups, give every batch a zero point of its own.
RowScales row_scales(const Site& site, const tulle_conv& conv) {
  const Quantization* filter = site.in(1).quantization;
  const bool uneven =
      filter != nullptr && std::ranges::any_of(filter->scale, [&](float s) { return s != filter->scale[0]; });
  return uneven || conv.groups != 1 ? RowScales::kAsymmetric : RowScales::kSymmetric;
}

}  // namespace

extern const Op op_conv_2d = {
    .types =
        "f32 f32 f32? > f32; f32 i8|u8|i4 f32? > f32; i8 i8|i4 i32? > i8; u8 u8 i32? > u8; "
        "i16 i8|i4 i32|i64? > i16",
    .shape = [](Site& site) -> Result<void> {
      TULLE_TRY(const tulle_conv conv, geometry(site));
      return site.set_shape(0, {conv.batches, conv.window.out_h, conv.window.out_w, conv.out_c});
    },
    .prepare = [](Site& site) -> Result<Kernel> {
      TULLE_TRY(const tulle_conv found, geometry(site));
      const RowScales rows = row_scales(site, found);
      ConvPlan plan{
          .conv = found,
          .sums = {tulle_conv_2d_sums_f32, tulle_conv_2d_sums_i8, tulle_conv_2d_sums_u8, tulle_conv_2d_sums_i16},
          .rows = rows,
          .scales_in_turn = rows == RowScales::kAsymmetric,
          .form = Form::kWindow};
      take_over_pad(site, plan);
      return conv(site, plan);
    },
};

}  // namespace tulle::ops
