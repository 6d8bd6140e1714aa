// CONV_3D_TRANSPOSE: float32; the shape of the output is an input.
#include "ops/conv_3d_transpose.ref.h"

#include "ops/activation.h"
#include "ops/operand.h"
#include "ops/window.h"

namespace tulle::ops {
namespace {

/// The window slides over the output; its positions are those of the input.
Result<tulle_conv_3d_transpose> geometry(const Site& site, const Shape& output) {
  const Shape &filter = site.in(1).shape, &input = site.in(2).shape;
  if (output.rank() != 5 || filter.rank() != 5 || input.rank() != 5)
    return site.invalid("output is {}, filter is {}, input is {}, all must have five dimensions", to_string(output),
                        to_string(filter), to_string(input));
  if (filter[4] != input[4])
    return site.invalid("filter is {}, last dimension must be {}, the input channels", to_string(filter), input[4]);
  if (output[0] != input[0] || output[4] != filter[3])
    return site.invalid("output is {}, must be [{},…,…,…,{}]", to_string(output), input[0], filter[3]);
  tulle_conv_3d_transpose conv{.batches = input[0], .in_c = input[4], .out_c = filter[3]};
  const char* const names[3][2] = {
      {"stride_d", "dilation_d_factor"}, {"stride_h", "dilation_h_factor"}, {"stride_w", "dilation_w_factor"}};
  for (int d = 0; d < 3; ++d) {
    const int64_t stride = site.attributes().integer(names[d][0]), dilation = site.attributes().integer(names[d][1], 1);
    TULLE_TRY(const Steps along, steps(site, output[d + 1], filter[d], stride, dilation));
    conv.in[d] = input[d + 1], conv.out[d] = output[d + 1], conv.taps[d] = filter[d];
    conv.stride[d] = static_cast<int32_t>(stride), conv.dilation[d] = static_cast<int32_t>(dilation);
    conv.pad[d] = along.pad;
  }
  return conv;
}

}  // namespace

extern const Op op_conv_3d_transpose = {
    .types = "i32 f32 f32 f32? > f32",
    .shape = [](Site& site) -> Result<void> {
      if (!site.known(0)) return site.defer();
      TULLE_TRY(const Shape output, make_shape(site, integers(site, 0)));
      TULLE_CHECK(geometry(site, output));
      return site.set_shape(0, output);
    },
    .prepare = [](Site& site) -> Result<Kernel> {
      TULLE_TRY(const tulle_conv_3d_transpose conv, geometry(site, site.out(0).shape));
      if (site.has(3) && site.in(3).elements() != conv.out_c)
        return site.invalid("bias is {}, must have {} elements", to_string(site.in(3).shape), conv.out_c);
      TULLE_TRY(const RangeF32 range, activation_range(site));
      return [=](const Io& io) -> Result<void> {
        tulle_ref_conv_3d_transpose_f32(io.in<float>(2), io.in<float>(1), io.in<float>(3), &conv,
                                        {range.low, range.high}, io.out<float>(0));
        return {};
      };
    },
};

}  // namespace tulle::ops
