// TRANSPOSE_CONV: the shape of the output is an input.
#include "ops/transpose_conv.ref.h"

#include "ops/operand.h"
#include "ops/transposed.h"
#include "ops/window.h"

namespace tulle::ops {
namespace {

/// The window slides over the output; its positions are those of the input.
Result<tulle_conv> geometry(const Site& site, const Shape& output) {
  const Shape &filter = site.in(1).shape, &input = site.in(2).shape;
  if (output.rank() != 4 || input.rank() != 4 || filter.rank() != 4)
    return site.invalid("output is {}, filter is {}, input is {}, all must have four dimensions", to_string(output),
                        to_string(filter), to_string(input));
  if (filter[0] < 1) return site.invalid("filter is {}, first dimension must be at least 1", to_string(filter));
  if (filter[3] != input[3])
    return site.invalid("filter is {}, last dimension must be {}, as of the input", to_string(filter), input[3]);
  if (output[0] != input[0] || output[3] != filter[0])
    return site.invalid("output is {}, must be [{},…,…,{}]", to_string(output), input[0], filter[0]);
  TULLE_TRY(tulle_window over, window(site, output, filter[1], filter[2]));
  over.in_h = input[1], over.in_w = input[2], over.out_h = output[1], over.out_w = output[2];
  return tulle_conv{.window = over, .batches = input[0], .in_c = input[3], .out_c = filter[0], .groups = 1};
}

Result<std::optional<Kernel>> fast(Site& site, ConvPlan plan) {
  TULLE_CHECK(check_bias(site, plan));
  const DType x = site.in(plan.x).dtype;
  if (x == DType::kFloat32 && site.in(plan.w).dtype == DType::kFloat32) {
    TULLE_TRY(const RangeF32 range, activation_range(site));
    return transposed_floats(site, plan, range);
  }
  if (x != DType::kInt8 && x != DType::kUint8) return std::nullopt;
  TULLE_TRY(const Rescale to, rescale(site, plan));
  return transposed_codes(site, plan, to);
}

}  // namespace

extern const Op op_transpose_conv = {
    .types =
        "i32 f32 f32 f32? > f32; i32 i8 f32 f32? > f32; i32 i8 i8 i32? > i8; i32 u8 u8 i32? > u8; "
        "i32 i8 i16 i32|i64? > i16",
    .shape = [](Site& site) -> Result<void> {
      if (!site.known(0)) return site.defer();
      TULLE_TRY(const Shape output, make_shape(site, integers(site, 0)));
      TULLE_CHECK(geometry(site, output));
      return site.set_shape(0, output);
    },
    .prepare = [](Site& site) -> Result<Kernel> {
      TULLE_TRY(const tulle_conv found, geometry(site, site.out(0).shape));
      ConvPlan plan = {.conv = found,
                       .sums = {tulle_transpose_conv_sums_f32, tulle_transpose_conv_sums_i8,
                                tulle_transpose_conv_sums_u8, tulle_transpose_conv_sums_i16},
                       .x = 2,
                       .bias = 3};
      TULLE_TRY(std::optional<Kernel> kernel, fast(site, plan));
      if (kernel.has_value()) return *std::move(kernel);
      return conv(site, plan);
    },
};

}  // namespace tulle::ops
