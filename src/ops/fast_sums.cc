// The choice of a kernel for 8-bit sums.
#include "ops/fast_sums.h"

#include "ops/conv.h"

namespace tulle::ops {

kernels::Conv2d geometry_of(const ConvPlan& plan) {
  const tulle_conv& conv = plan.conv;
  const tulle_window& w = conv.window;
  return {.batches = conv.batches,
          .in_h = w.in_h,
          .in_w = w.in_w,
          .in_c = conv.in_c,
          .out_h = w.out_h,
          .out_w = w.out_w,
          .out_c = conv.out_c,
          .taps_h = w.taps_h,
          .taps_w = w.taps_w,
          .stride_h = w.stride_h,
          .stride_w = w.stride_w,
          .dilation_h = w.dilation_h,
          .dilation_w = w.dilation_w,
          .pad_h = w.pad_h,
          .pad_w = w.pad_w,
          .groups = plan.form == Form::kDepthwise ? 1 : conv.groups};
}

Result<std::optional<FastSums>> FastSums::find(Site& site, const ConvPlan& plan) {
  if (site.kernels == nullptr || plan.form == Form::kOther || !site.constant(plan.w)) return std::nullopt;
  const kernels::Conv2d conv = geometry_of(plan);
  if (conv.pixels() == 0 || conv.out_c == 0 || conv.in_c == 0) return std::nullopt;
  const bool signed_weights = site.in(plan.w).dtype != DType::kUint8;
  // Real activations are quantised to int8 first.
  const kernels::Bytes8 activations =
      site.in(plan.x).dtype == DType::kUint8 ? kernels::Bytes8::kUint8 : kernels::Bytes8::kInt8;
  FastSums found;
  found.kernels_ = site.kernels;
  const Weights source(site, plan.w);
  const auto* weights = reinterpret_cast<const uint8_t*>(source.constant());
  size_t scratch;
  if (plan.form == Form::kDepthwise) {
    const auto kernel = std::make_shared<kernels::Depthwise>(*site.kernels, conv, activations, site.workers);
    if (!kernel->sensible()) return std::nullopt;
    TULLE_TRY(found.packed_, site.keep(conv.in_c, kernel->packed_bytes(), [&](std::byte* packed) {
      if (signed_weights)
        kernel->pack(source.constant(), plan.conv.w_zero, packed);
      else
        kernel->pack(weights, plan.conv.w_zero, packed);
    }));
    scratch = kernel->scratch_bytes();
    found.depthwise_ = kernel;
  } else {
    found.w_zero_ = plan.conv.w_zero - (signed_weights ? 0 : 128);
    const auto kernel =
        std::make_shared<kernels::IntConv>(*site.kernels, conv, activations, site.workers, found.w_zero_ != 0);
    if (!kernel->sensible()) return std::nullopt;
    TULLE_TRY(const std::byte* packed, site.keep(conv.in_c, kernel->packed_bytes(), [&](std::byte* to) {
      kernel->pack(weights, signed_weights ? 0 : 128, to);
    }));
    kernel->use(packed);
    found.x_zero_ = plan.conv.x_zero;
    if (const auto inner = static_cast<uint32_t>(kernel->inner_zero(plan.conv.x_zero)); inner != 0)
      for (const int32_t sum : kernel->slots()) found.inner_.push_back(inner * static_cast<uint32_t>(sum));
    scratch = kernel->scratch_bytes();
    found.conv_ = kernel;
  }
  found.scratch_ = static_cast<size_t>(site.scratch(scratch));
  found.in_w_ = conv.pointwise() ? 1 : conv.in_w;
  return found;
}

void FastSums::run(const Io& io, const void* x, const int32_t* zero_points, int64_t pixels_each,
                   kernels::Emit emit) const {
  const int64_t rows_each = pixels_each / in_w_;
  if (conv_ != nullptr)
    conv_->run(x, zero_points, rows_each, io.scratch[scratch_], io.pool, emit);
  else
    depthwise_->run(x, zero_points, rows_each, packed_, io.scratch[scratch_], io.pool, emit);
}

void FastSums::centre(const kernels::Sums& tile, int32_t m, int32_t zero_point, uint32_t* sums) const {
  const int32_t* raw = tile.sums + m * tile.stride;
  const uint32_t row =
      tile.totals == nullptr ? 0 : static_cast<uint32_t>(tile.totals[m]) * static_cast<uint32_t>(w_zero_);
  for (int32_t n = 0; n < tile.channels; ++n) sums[n] = static_cast<uint32_t>(raw[n]) - row;
  if (conv_ == nullptr) return;
  if (zero_point == x_zero_) {
    if (inner_.empty()) return;
    for (int32_t n = 0; n < tile.channels; ++n) sums[n] -= inner_[static_cast<size_t>(tile.slot + n)];
    return;
  }
  const auto inner = static_cast<uint32_t>(conv_->inner_zero(zero_point));
  if (inner == 0) return;
  const std::span<const int32_t> weights = conv_->slots().subspan(static_cast<size_t>(tile.slot));
  for (int32_t n = 0; n < tile.channels; ++n) sums[n] -= inner * static_cast<uint32_t>(weights[static_cast<size_t>(n)]);
}

}  // namespace tulle::ops
