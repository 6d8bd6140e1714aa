// FULLY_CONNECTED: the input as rows as long as a row of the weights, without or with its leading dimensions kept.
#include "ops/fully_connected.ref.h"

#include <cstring>

#include "ops/affine.h"
#include "ops/block_scales.h"
#include "ops/conv.h"
#include "ops/loops.h"

namespace tulle::ops {
namespace {

Result<Shape> output_shape(const Site& site) {
  const Shape &input = site.in(0).shape, &weights = site.in(1).shape;
  const std::string_view format = site.attributes().symbol("weights_format", "DEFAULT");
  if (format != "DEFAULT") return site.unsupported("weights format {} is not DEFAULT", format);
  if (weights.rank() != 2) return site.invalid("weights are {}, must have two dimensions", to_string(weights));
  const int32_t units = weights[0], depth = weights[1];
  const int last = input.rank() - 1;
  if (site.attributes().flag("keep_num_dims")) {
    if (last < 0 || input[last] != depth)
      return site.invalid("input is {}, last dimension must be {}", to_string(input), depth);
    Shape output = input;
    output[last] = units;
    return output;
  }
  const int64_t elements = input.elements();
  if (depth == 0 ? elements != 0 || last < 0 : elements % depth != 0)
    return site.invalid("input is {}, must make whole rows of {}", to_string(input), depth);
  const int64_t rows = depth == 0 ? input.elements(0, last) : elements / depth;
  if (rows < 0 || rows > INT32_MAX) return site.invalid("input {} has too many rows", to_string(input));
  return Shape{static_cast<int32_t>(rows), units};
}

/// The zero point of weights with one scale for all; 0 for others.
Result<int32_t> weights_zero_point(const Site& site) {
  const Tensor& weights = site.in(1);
  if (weights.dtype != DType::kInt8 || site.in(0).dtype == DType::kFloat32 || weights.quantization == nullptr ||
      !weights.quantization->per_tensor())
    return 0;
  TULLE_TRY(const Affine found, affine(site, weights, "filter"));
  return found.zero_point;
}

/// Real rows, each with a zero point of its own, on weights quantised by blocks.
Result<Kernel> blockwise(Site& site, const tulle_conv& conv) {
  TULLE_TRY(const RangeF32 range, activation_range(site));
  TULLE_TRY(std::vector<float> scales, block_scales(site, 1, conv.out_c, conv.in_c, "weights"));
  const auto codes = static_cast<size_t>(site.scratch(static_cast<size_t>(site.in(0).elements())));
  const auto row_scales =
      static_cast<size_t>(site.scratch(sizeof(tulle_row_scale) * static_cast<uint64_t>(conv.batches)));
  return [=, weights = Weights(site, 1), scales = std::move(scales),
          block = site.in(1).quantization->block_size](const Io& io) -> Result<void> {
    auto* q = reinterpret_cast<int8_t*>(io.scratch[codes]);
    auto* rows = reinterpret_cast<tulle_row_scale*>(io.scratch[row_scales]);
    for (int64_t r = 0; r < conv.batches; ++r)
      rows[r] = tulle_quantize_row(io.in<float>(0) + r * conv.in_c, conv.in_c, q + r * conv.in_c);
    tulle_ref_fully_connected_blocks(q, rows, weights.at(io), scales.data(), block, io.in<float>(2), &conv,
                                     {range.low, range.high}, io.out<float>(0));
    return {};
  };
}

/// Sums are rounded in double, but for 16-bit weights.
Result<Kernel> kernel(Site& site, const ConvPlan& plan) {
  TULLE_CHECK(check_bias(site, plan));
  const bool short_bias = site.has(plan.bias) && site.in(plan.bias).dtype == DType::kInt32;
  switch (site.in(0).dtype) {
    case DType::kFloat32: return is_blockwise(site, 1) ? blockwise(site, plan.conv) : conv_reals(site, plan);
    case DType::kInt8:
      return conv_codes(site, plan,
                        ConvCodes{tulle_ref_fully_connected_i8, plan.sums.i8, loops(site).tulle_rounded_i8});
    case DType::kUint8:
      return site.out(0).dtype == DType::kInt16
                 ? conv_codes(site, plan, ConvCodes{tulle_ref_fully_connected_u8_i16, plan.sums.u8, tulle_rounded_i16})
                 : conv_codes(site, plan,
                              ConvCodes{tulle_ref_fully_connected_u8, plan.sums.u8, loops(site).tulle_rounded_u8});
    default: break;
  }
  if (site.in(1).dtype == DType::kInt16)
    return short_bias ? conv_codes(site, plan,
                                   ConvCodes{tulle_ref_fully_connected_i16x16_bias32, tulle_fully_connected_sums_i16x16,
                                             tulle_codes_i16_wide_bias32})
                      : conv_codes(site, plan,
                                   ConvCodes{tulle_ref_fully_connected_i16x16, tulle_fully_connected_sums_i16x16,
                                             tulle_codes_i16_wide});
  return short_bias
             ? conv_codes(site, plan,
                          ConvCodes{tulle_ref_fully_connected_i16_narrow, plan.sums.i16, tulle_rounded_i16_narrow})
             : conv_codes(site, plan,
                          ConvCodes{tulle_ref_fully_connected_i16_wide, plan.sums.i16, tulle_rounded_i16_wide});
}

}  // namespace

extern const Op op_fully_connected = {
    .types =
        "f32 f32 f32? > f32; f32 i8|u8|i4|i2 f32? > f32; i8 i8|i4|i2 i32? > i8; u8 u8 i32? > u8|i16; "
        "i16 i8|i4|i2|i16 i32|i64? > i16",
    .shape = [](Site& site) -> Result<void> {
      TULLE_TRY(const Shape output, output_shape(site));
      return site.set_shape(0, output);
    },
    .prepare = [](Site& site) -> Result<Kernel> {
      const Shape& output = site.out(0).shape;
      const int32_t depth = site.in(1).shape[1];
      if (output.elements() == 0 || depth == 0)
        return [bytes = site.out(0).bytes](const Io& io) -> Result<void> {
          if (bytes > 0) std::memset(io.out<std::byte>(0), 0, bytes);
          return {};
        };
      const auto rows = static_cast<int32_t>(output.elements(0, output.rank() - 1));
      TULLE_TRY(const int32_t w_zero, weights_zero_point(site));
      const bool asymmetric = site.attributes().flag("asymmetric_quantize_inputs");
      return kernel(site, {.conv = {.window = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0},
                                    .batches = rows,
                                    .in_c = depth,
                                    .out_c = site.in(1).shape[0],
                                    .groups = 1,
                                    .w_zero = w_zero},
                           .sums = {tulle_fully_connected_sums_f32, tulle_fully_connected_sums_i8,
                                    tulle_fully_connected_sums_u8, tulle_fully_connected_sums_i16},
                           .rows = asymmetric ? RowScales::kAsymmetric : RowScales::kSymmetric,
                           .form = Form::kWindow});
    },
};

}  // namespace tulle::ops
