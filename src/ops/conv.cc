// Checks of filters and their quantisation, and a kernel for each arithmetic.
#include "ops/conv.h"

#include "ops/affine.h"
#include "ops/axis_scales.h"
#include "ops/fast_reals.h"

namespace tulle::ops {

Result<Rescale> rescale(Site& site, ConvPlan& plan) {
  const Tensor &input = site.in(plan.x), &filter = site.in(plan.w), &output = site.out(0);
  TULLE_TRY(const Affine x, affine(site, input, "input"));
  TULLE_TRY(const Affine y, affine(site, output, "output"));
  TULLE_TRY(const std::vector<float> w, axis_scales(site, filter, plan.filter_axis, "filter"));
  plan.conv.x_zero = x.zero_point;
  if (filter.dtype == DType::kUint8) {
    TULLE_TRY(const Affine whole, affine(site, filter, "filter"));
    plan.conv.w_zero = whole.zero_point;
  } else if (plan.conv.w_zero == 0) {
    TULLE_CHECK(check_symmetric(site, filter, "filter"));
  }
  const bool wide = input.dtype == DType::kInt16;
  if (wide && (x.zero_point != 0 || y.zero_point != 0))
    return site.invalid("16-bit input and output have zero points {} and {}, must be 0", x.zero_point, y.zero_point);
  TULLE_TRY(const RangeI32 bounds, activation_codes(site, output));
  Rescale to{{}, {}, y.zero_point, bounds};
  // Of unsigned filters, and 16-bit ones with one scale, the product of the scales is rounded to float.
  const bool in_float =
      filter.dtype == DType::kUint8 || (filter.dtype == DType::kInt16 && filter.quantization->per_tensor());
  for (const float scale : w) {
    const double exact = static_cast<double>(x.scale) * scale / y.scale;
    to.factors.push_back(tulle_factor_from(in_float ? double{x.scale * scale} / y.scale : exact));
    to.reals.push_back(exact);
    if (wide && to.factors.back().shift > 7)
      return site.unsupported("input and filter are scaled up by {} for a 16-bit output, over 128", exact);
  }
  return to;
}

Result<void> check_bias(const Site& site, const ConvPlan& plan) {
  if (!site.has(plan.bias)) return {};
  const Tensor& bias = site.in(plan.bias);
  if (bias.elements() != plan.conv.out_c)
    return site.invalid("bias is {}, must have {} elements", to_string(bias.shape), plan.conv.out_c);
  return check_symmetric(site, bias, "bias");
}

Result<Kernel> conv_reals(Site& site, const ConvPlan& plan) {
  TULLE_TRY(const RangeF32 bounds, activation_range(site));
  const tulle_range_f32 range = {bounds.low, bounds.high};
  const auto out_c = static_cast<uint64_t>(plan.conv.out_c);
  if (site.in(plan.w).dtype == DType::kFloat32) {
    TULLE_TRY(std::optional<Kernel> fast, fast_floats(site, plan, bounds));
    if (fast.has_value()) return *std::move(fast);
    const auto sums = static_cast<size_t>(site.scratch(sizeof(float) * out_c));
    return [=](const Io& io) -> Result<void> {
      tulle_ref_conv_f32(plan.sums.f32, io.in<float>(plan.x), io.in<float>(plan.w), io.in<float>(plan.bias), &plan.conv,
                         range, reinterpret_cast<float*>(io.scratch[sums]), io.out<float>(0));
      return {};
    };
  }
  TULLE_TRY(std::vector<float> scales, axis_scales(site, site.in(plan.w), plan.filter_axis, "filter"));
  TULLE_CHECK(check_symmetric(site, site.in(plan.w), "filter"));
  if (site.in(plan.w).dtype != DType::kUint8) {
    TULLE_TRY(std::optional<Kernel> fast, fast_hybrid(site, plan, bounds, scales));
    if (fast.has_value()) return *std::move(fast);
  }
  const int64_t elements = site.in(plan.x).elements(), batches = plan.conv.batches;
  const auto count = static_cast<int32_t>(batches == 0 ? 0 : elements / batches);
  const auto codes = static_cast<size_t>(site.scratch(static_cast<uint64_t>(elements)));
  const auto row_scales = static_cast<size_t>(site.scratch(sizeof(tulle_row_scale) * static_cast<uint64_t>(batches)));
  const auto sums = static_cast<size_t>(site.scratch(sizeof(uint32_t) * out_c));
  const auto quantise = plan.rows == RowScales::kSymmetric ? tulle_quantize_row_symmetric : tulle_quantize_row;
  return [=, weights = Weights(site, plan.w), scales = std::move(scales)](const Io& io) -> Result<void> {
    auto* q = reinterpret_cast<int8_t*>(io.scratch[codes]);
    auto* rows = reinterpret_cast<tulle_row_scale*>(io.scratch[row_scales]);
    for (int64_t b = 0; b < batches; ++b) rows[b] = quantise(io.in<float>(plan.x) + b * count, count, q + b * count);
    tulle_ref_conv_hybrid(plan.sums.i8, q, rows, weights.at(io), scales.data(), plan.scales_in_turn,
                          io.in<float>(plan.bias), &plan.conv, range, reinterpret_cast<uint32_t*>(io.scratch[sums]),
                          io.out<float>(0));
    return {};
  };
}

Result<Kernel> conv(Site& site, const ConvPlan& plan) {
  TULLE_CHECK(check_bias(site, plan));
  switch (site.in(plan.x).dtype) {
    case DType::kFloat32: return conv_reals(site, plan);
    case DType::kInt8: return conv_codes(site, plan, ConvCodes{tulle_ref_conv_i8, plan.sums.i8, tulle_codes_i8});
    case DType::kUint8: return conv_codes(site, plan, ConvCodes{tulle_ref_conv_u8, plan.sums.u8, tulle_codes_u8});
    default:
      if (site.has(plan.bias) && site.in(plan.bias).dtype == DType::kInt32)
        return conv_codes(site, plan, ConvCodes{tulle_ref_conv_i16_narrow, plan.sums.i16, tulle_codes_i16_narrow});
      return conv_codes(site, plan, ConvCodes{tulle_ref_conv_i16_wide, plan.sums.i16, tulle_codes_i16_wide});
  }
}

}  // namespace tulle::ops
