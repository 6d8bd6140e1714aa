// The choice of a kernel for real activations.
#include "ops/fast_reals.h"

#include "kernels/float_conv.h"
#include "kernels/winograd.h"
#include "ops/conv.h"
#include "ops/loops.h"

namespace tulle::ops {
namespace {

Result<std::optional<Kernel>> depthwise_floats(Site& site, const ConvPlan& plan, RangeF32 range,
                                               const kernels::Conv2d& conv) {
  if (conv.in_c != conv.out_c || !site.has(plan.bias)) return std::nullopt;
  const kernels::FloatDepthwise kernel(conv);
  return [=, with = site.kernels, plan = plan](const Io& io) -> Result<void> {
    kernel.run(*with, io.in<float>(plan.x), io.in<float>(plan.w), io.in<float>(plan.bias), io.pool,
               {range.low, range.high, io.out<float>(0)}, io.take_after());
    return {};
  };
}

constexpr int32_t kSquares = -1;  ///< a layout; others are numbers of channels

Result<std::optional<Kernel>> by_squares(Site& site, const ConvPlan& plan, RangeF32 range,
                                         const kernels::Conv2d& conv) {
  const kernels::Winograd kernel(*site.kernels, conv, site.workers);
  const float* bias = site.has(plan.bias) ? site.in(plan.bias).as<float>() : nullptr;
  TULLE_TRY(const std::byte* packed, site.keep(kSquares, kernel.packed_bytes(), [&](std::byte* to) {
    kernel.pack(site.in(plan.w).as<float>(), bias, to);
  }));
  const auto scratch = static_cast<size_t>(site.scratch(kernel.scratch_bytes()));
  return [=, x = plan.x](const Io& io) -> Result<void> {
    kernel.run(io.in<float>(x), packed, io.scratch[scratch], io.pool, {range.low, range.high, io.out<float>(0)});
    return {};
  };
}

}  // namespace

Result<std::optional<Kernel>> fast_floats(Site& site, const ConvPlan& plan, RangeF32 range) {
  if (site.float_kernels() == nullptr || plan.form == Form::kOther) return std::nullopt;
  const kernels::Conv2d conv = geometry_of(plan);
  if (conv.pixels() == 0 || conv.out_c == 0 || conv.in_c == 0) return std::nullopt;
  // Many channels made of one are a window's, but for the order of their weights.
  const bool from_one = plan.form == Form::kDepthwise && conv.in_c == 1;
  if (plan.form == Form::kDepthwise && !from_one) return depthwise_floats(site, plan, range, conv);
  if (!site.constant(plan.w) || (site.has(plan.bias) && !site.constant(plan.bias))) return std::nullopt;
  if (plan.form == Form::kWindow && kernels::Winograd::fits(conv)) return by_squares(site, plan, range, conv);
  kernels::FloatConv kernel(*site.kernels, conv, site.workers);
  if (!kernel.sensible()) return std::nullopt;
  const float* bias = site.has(plan.bias) ? site.in(plan.bias).as<float>() : nullptr;
  TULLE_TRY(const std::byte* packed, site.keep(conv.in_c, kernel.packed_bytes(), [&](std::byte* to) {
    const float* weights = site.in(plan.w).as<float>();
    if (!from_one) return kernel.pack(weights, bias, to);
    const int64_t taps = int64_t{conv.taps_h} * conv.taps_w;
    std::vector<float> by_channel(static_cast<size_t>(taps * conv.out_c));
    for (int64_t c = 0; c < conv.out_c; ++c)
      for (int64_t t = 0; t < taps; ++t) by_channel[static_cast<size_t>(c * taps + t)] = weights[t * conv.out_c + c];
    kernel.pack(by_channel.data(), bias, to);
  }));
  const auto scratch = static_cast<size_t>(site.scratch(kernel.scratch_bytes()));
  return [=, kernel = std::move(kernel), x = plan.x](const Io& io) -> Result<void> {
    kernel.run(io.in<float>(x), packed, io.scratch[scratch], io.pool, {range.low, range.high, io.out<float>(0)},
               kernel.piece_by_piece() ? io.take_after() : nullptr);
    return {};
  };
}

Result<std::optional<Kernel>> fast_hybrid(Site& site, const ConvPlan& plan, RangeF32 range,
                                          const std::vector<float>& scales) {
  TULLE_TRY(std::optional<FastSums> sums, FastSums::find(site, plan));
  if (!sums.has_value()) return std::nullopt;
  const int64_t elements = site.in(plan.x).elements(), batches = plan.conv.batches;
  const auto count = static_cast<int32_t>(elements / batches);
  const auto codes = static_cast<size_t>(site.scratch(static_cast<size_t>(elements)));
  const auto zeros = static_cast<size_t>(site.scratch(sizeof(int32_t) * static_cast<size_t>(batches)));
  const auto row_scales = static_cast<size_t>(site.scratch(sizeof(tulle_row_scale) * static_cast<size_t>(batches)));
  const auto quantise =
      plan.rows == RowScales::kSymmetric ? loops(site).tulle_quantize_row_symmetric : loops(site).tulle_quantize_row;
  const int64_t outputs = int64_t{plan.conv.window.out_h} * plan.conv.window.out_w;
  return [=, scaled = loops(site).tulle_scaled_reals, sums = *std::move(sums), scales = scales,
          plan = plan](const Io& io) -> Result<void> {
    auto* q = reinterpret_cast<int8_t*>(io.scratch[codes]);
    auto* zero_points = reinterpret_cast<int32_t*>(io.scratch[zeros]);
    auto* rows = reinterpret_cast<tulle_row_scale*>(io.scratch[row_scales]);
    for (int64_t b = 0; b < batches; ++b) {
      rows[b] = quantise(io.in<float>(plan.x) + b * count, count, q + b * count);
      zero_points[b] = rows[b].zero_point;
    }
    const float* bias = io.in<float>(plan.bias);
    const auto emit = [&](const kernels::Sums& tile) {
      for (int32_t m = 0; m < tile.rows; ++m) {
        const tulle_row_scale& row = rows[(tile.pixel + m) / outputs];
        uint32_t centred[kMaxTile];
        sums.centre(tile, m, row.zero_point, centred);
        scaled(centred, bias == nullptr ? nullptr : bias + tile.channel, scales.data() + tile.channel, row.scale,
               plan.scales_in_turn, tile.channels, {range.low, range.high},
               io.out<float>(0) + (tile.pixel + m) * plan.conv.out_c + tile.channel);
      }
    };
    sums.run(io, q, zero_points, count / plan.conv.in_c, kernels::emit_to(emit));
    return {};
  };
}

}  // namespace tulle::ops
