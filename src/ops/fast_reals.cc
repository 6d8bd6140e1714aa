// The choice of a kernel for real activations.
#include "ops/fast_reals.h"

#include <algorithm>

#include "kernels/float_conv.h"
#include "kernels/winograd.h"
#include "ops/conv.h"
#include "ops/in_parts.h"
#include "ops/loops.h"
#include "ops/row_quantiser.h"

namespace tulle::ops {
namespace {

Result<std::optional<Kernel>> depthwise_floats(Site& site, const ConvPlan& plan, RangeF32 range,
                                               const kernels::Conv2d& conv) {
  if (conv.in_c != conv.out_c || !site.has(plan.bias)) return std::nullopt;
  const kernels::FloatDepthwise kernel(conv);
  by_rows(site, plan);
  return [=, with = site.kernels, plan = plan](const Io& io) -> Result<void> {
    const float *x = io.in<float>(plan.x), *w = io.in<float>(plan.w), *bias = io.in<float>(plan.bias);
    const kernels::FloatOutput out{range.low, range.high, io.out<float>(0)};
    if (io.count < 0) return kernel.run(*with, x, w, bias, io.pool, out, io.take_after()), Result<void>{};
    const int64_t row = int64_t{conv.out_w} * conv.out_c;
    for (int64_t r = io.first / row; r < (io.first + io.count) / row; ++r) kernel.row(*with, r, x, w, bias, out);
    return {};
  };
}

constexpr int32_t kSquares = -1, kTurned = -2;  ///< layouts; others are numbers of channels

/// The plain sums of each position, shared between threads.
Result<std::optional<Kernel>> exact_floats(Site& site, const ConvPlan& plan, RangeF32 range) {
  const tulle_conv& conv = plan.conv;
  const int64_t pixels = geometry_of(plan).pixels();
  const int64_t work = int64_t{conv.window.taps_h} * conv.window.taps_w * conv.out_c *
                       (plan.form == Form::kDepthwise ? 1 : geometry_of(plan).depth());
  const uint64_t row = (static_cast<uint64_t>(conv.out_c) + 15) / 16 * 16;  // whole cache lines
  const auto sums = static_cast<size_t>(site.scratch(sizeof(float) * row * static_cast<uint64_t>(site.workers)));
  auto sums_of = plan.form == Form::kDepthwise ? loops(site).tulle_depthwise_conv_2d_sums_f32 : plan.sums.f32;
  const std::byte* turned = nullptr;
  if (plan.form == Form::kWindow && conv.groups == 1 && site.constant(plan.w)) {
    const std::span<const float> weights = site.values<float>(plan.w);
    TULLE_TRY(turned, site.keep(kTurned, weights.size_bytes(), [&](std::byte* to, ThreadPool* pool) {
      auto* out = reinterpret_cast<float*>(to);
      const auto channels = static_cast<size_t>(conv.out_c), depth = weights.size() / channels;
      constexpr size_t kBlock = 64;
      parallel(pool, static_cast<int>((depth + kBlock - 1) / kBlock), [&](int block, int) {
        const size_t first = static_cast<size_t>(block) * kBlock, last = std::min(first + kBlock, depth);
        for (size_t c = 0; c < channels; ++c)
          for (size_t k = first; k < last; ++k) out[k * channels + c] = weights[c * depth + k];
      });
    }));
    sums_of = loops(site).tulle_conv_2d_turned_sums_f32;
  }
  return [=, plan = plan](const Io& io) -> Result<void> {
    const float* w = turned != nullptr ? reinterpret_cast<const float*>(turned) : io.in<float>(plan.w);
    in_parts(io, pixels, work, [&](int64_t first, int64_t count, int i) {
      const tulle_window& window = plan.conv.window;
      float* own = reinterpret_cast<float*>(io.scratch[sums]) + row * static_cast<size_t>(i);
      const int64_t y = first / window.out_w;
      tulle_pixel at = {count, static_cast<int32_t>(y / window.out_h), static_cast<int32_t>(y % window.out_h),
                        static_cast<int32_t>(first % window.out_w)};
      float* out = io.out<float>(0) + first * plan.conv.out_c;
      for (; at.left > 0; tulle_next_pixel(&window, &at), out += plan.conv.out_c) {
        sums_of(io.in<float>(plan.x), w, &plan.conv, &at, own);
        tulle_reals(own, io.in<float>(plan.bias), plan.conv.out_c, {range.low, range.high}, out);
      }
    });
    return {};
  };
}

Result<std::optional<Kernel>> by_squares(Site& site, const ConvPlan& plan, RangeF32 range,
                                         const kernels::Conv2d& conv) {
  const kernels::Winograd kernel(*site.kernels, conv, site.workers);
  const float* bias = site.has(plan.bias) ? site.in(plan.bias).as<float>() : nullptr;
  TULLE_TRY(const std::byte* packed, site.keep(kSquares, kernel.packed_bytes(), [&](std::byte* to, ThreadPool* pool) {
    kernel.pack(site.in(plan.w).as<float>(), bias, to, pool);
  }));
  const auto scratch = static_cast<size_t>(site.scratch(kernel.scratch_bytes()));
  site.minds_pitch();
  return [=, x = plan.x](const Io& io) -> Result<void> {
    kernel.run(io.in<float>(x), packed, io.scratch[scratch], io.pool,
               {range.low, range.high, io.out<float>(0), io.pitch});
    return {};
  };
}

}  // namespace

Result<std::optional<Kernel>> fast_floats(Site& site, const ConvPlan& plan, RangeF32 range) {
  if (site.kernels == nullptr || plan.form == Form::kOther) return std::nullopt;
  const kernels::Conv2d conv = geometry_of(plan);
  if (conv.pixels() == 0 || conv.out_c == 0 || conv.in_c == 0) return std::nullopt;
  if (site.float_kernels() == nullptr) return exact_floats(site, plan, range);
  // Many channels made of one are a window's, but for the order of their weights.
  const bool from_one = plan.form == Form::kDepthwise && conv.in_c == 1;
  if (plan.form == Form::kDepthwise && !from_one) return depthwise_floats(site, plan, range, conv);
  if (!site.constant(plan.w) || (site.has(plan.bias) && !site.constant(plan.bias))) return std::nullopt;
  if (plan.form == Form::kWindow && kernels::Winograd::fits(*site.kernels, conv))
    return by_squares(site, plan, range, conv);
  kernels::FloatConv kernel(*site.kernels, conv, site.workers);
  if (!kernel.sensible()) return std::nullopt;
  const float* bias = site.has(plan.bias) ? site.in(plan.bias).as<float>() : nullptr;
  TULLE_TRY(const std::byte* packed, site.keep(conv.in_c, kernel.packed_bytes(), [&](std::byte* to, ThreadPool* pool) {
    const float* weights = site.in(plan.w).as<float>();
    kernel.pack(from_one ? by_channel(conv, weights).data() : weights, bias, to, pool);
  }));
  const auto scratch = static_cast<size_t>(site.scratch(kernel.scratch_bytes()));
  site.minds_pitch();
  by_rows(site, plan);
  return [=, kernel = std::move(kernel), x = plan.x](const Io& io) -> Result<void> {
    const kernels::FloatOutput out{range.low, range.high, io.out<float>(0), io.pitch};
    if (io.count >= 0)
      kernel.run_rows(io.in<float>(x), packed, io.scratch[scratch], io.worker, io.first / conv.out_c,
                      io.count / conv.out_c, out);
    else
      kernel.run(io.in<float>(x), packed, io.scratch[scratch], io.pool, out,
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
  const auto codes = static_cast<size_t>(site.scratch(static_cast<uint64_t>(elements)));
  const auto zeros = static_cast<size_t>(site.scratch(sizeof(int32_t) * static_cast<uint64_t>(batches)));
  const auto row_scales = static_cast<size_t>(site.scratch(sizeof(tulle_row_scale) * static_cast<uint64_t>(batches)));
  const RowQuantiser quantise(site, plan.rows == RowScales::kSymmetric);
  const int64_t outputs = int64_t{plan.conv.window.out_h} * plan.conv.window.out_w;
  return [=, sums = *std::move(sums), scales = scales, plan = plan](const Io& io) -> Result<void> {
    auto* q = reinterpret_cast<int8_t*>(io.scratch[codes]);
    auto* zero_points = reinterpret_cast<int32_t*>(io.scratch[zeros]);
    auto* rows = reinterpret_cast<tulle_row_scale*>(io.scratch[row_scales]);
    quantise(io, io.in<float>(plan.x), batches, count, q, rows);
    for (int64_t b = 0; b < batches; ++b) zero_points[b] = rows[b].zero_point;
    const float* bias = io.in<float>(plan.bias);
    const auto emit = [&](const kernels::Sums& tile) {
      for (int32_t m = 0, some; m < tile.rows; m += some) {
        const int64_t pixel = tile.pixel + m, batch = pixel / outputs;
        some = static_cast<int32_t>(std::min<int64_t>(tile.rows - m, (batch + 1) * outputs - pixel));
        sums.kernels().reals({.sums = tile.sums + m * tile.stride,
                              .stride = tile.stride,
                              .rows = some,
                              .channels = tile.channels,
                              .weight_sums = sums.weight_sums(tile.slot),
                              .inner = sums.inner_zero(rows[batch].zero_point),
                              .scales = scales.data() + tile.channel,
                              .scale = rows[batch].scale,
                              .in_turn = plan.scales_in_turn,
                              .bias = bias == nullptr ? nullptr : bias + tile.channel,
                              .low = range.low,
                              .high = range.high,
                              .y = io.out<float>(0) + pixel * plan.conv.out_c + tile.channel,
                              .y_stride = plan.conv.out_c});
      }
    };
    sums.run(io, q, zero_points, count / plan.conv.in_c, kernels::emit_to(emit));
    return {};
  };
}

}  // namespace tulle::ops
