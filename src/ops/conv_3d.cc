// CONV_3D: float32.
#include "ops/conv_3d.ref.h"

#include "ops/activation.h"
#include "ops/op.h"
#include "ops/window.h"

namespace tulle::ops {
namespace {

Result<tulle_conv_3d> geometry(const Site& site) {
  const Shape &input = site.in(0).shape, &filter = site.in(1).shape;
  if (input.rank() != 5 || filter.rank() != 5)
    return site.invalid("input is {}, filter is {}, both must have five dimensions", to_string(input),
                        to_string(filter));
  if (filter[3] != input[4])
    return site.invalid("filter is {}, fourth dimension must be {}, the input channels", to_string(filter), input[4]);
  const int64_t stride = site.attributes().integer("stride_d"),
                dilation = site.attributes().integer("dilation_d_factor", 1);
  TULLE_TRY(const Steps depth, steps(site, input[1], filter[0], stride, dilation));
  TULLE_TRY(const tulle_window plane, window(site, {input[0], input[2], input[3], input[4]}, filter[1], filter[2]));
  return tulle_conv_3d{.window = plane,
                       .in_d = input[1],
                       .out_d = depth.out,
                       .taps_d = filter[0],
                       .stride_d = static_cast<int32_t>(stride),
                       .dilation_d = static_cast<int32_t>(dilation),
                       .pad_d = depth.pad,
                       .batches = input[0],
                       .in_c = input[4],
                       .out_c = filter[4]};
}

}  // namespace

extern const Op op_conv_3d = {
    .types = "f32 f32 f32? > f32",
    .shape = [](Site& site) -> Result<void> {
      TULLE_TRY(const tulle_conv_3d conv, geometry(site));
      return site.set_shape(0, {conv.batches, conv.out_d, conv.window.out_h, conv.window.out_w, conv.out_c});
    },
    .prepare = [](Site& site) -> Result<Kernel> {
      TULLE_TRY(const tulle_conv_3d conv, geometry(site));
      if (site.has(2) && site.in(2).elements() != conv.out_c)
        return site.invalid("bias is {}, must have {} elements", to_string(site.in(2).shape), conv.out_c);
      TULLE_TRY(const RangeF32 range, activation_range(site));
      const auto sums = static_cast<size_t>(site.scratch(sizeof(float) * static_cast<uint64_t>(conv.out_c)));
      return [=](const Io& io) -> Result<void> {
        tulle_ref_conv_3d_f32(io.in<float>(0), io.in<float>(1), io.in<float>(2), &conv, {range.low, range.high},
                              reinterpret_cast<float*>(io.scratch[sums]), io.out<float>(0));
        return {};
      };
    },
};

}  // namespace tulle::ops
