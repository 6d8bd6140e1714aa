// The choice of a kernel for 8-bit sums.
#include "ops/fast_sums.h"

#include <algorithm>

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

void by_rows(Site& site, const ConvPlan& plan) {
  const tulle_window& w = plan.conv.window;
  if (plan.conv.batches != 1 || plan.x != 0) return;
  site.by_rows({.in_rows = w.in_h,
                .out_rows = w.out_h,
                .stride = w.stride_h,
                .pad = w.pad_h,
                .reach = (w.taps_h - 1) * w.dilation_h + 1});
}

namespace {

bool has_signed_weights(const Site& site, const ConvPlan& plan) { return site.in(plan.w).dtype != DType::kUint8; }

/// Real activations are quantised to int8 first.
kernels::Bytes8 bytes_of(const Site& site, const ConvPlan& plan) {
  return site.in(plan.x).dtype == DType::kUint8 ? kernels::Bytes8::kUint8 : kernels::Bytes8::kInt8;
}

/// The zero point of weights as the kernels see them.
int32_t inner_w_zero(const Site& site, const ConvPlan& plan) {
  return plan.conv.w_zero - (has_signed_weights(site, plan) ? 0 : 128);
}

}  // namespace

Result<std::optional<FastSums>> FastSums::find(Site& site, const ConvPlan& plan) {
  if (site.kernels == nullptr || plan.form == Form::kOther || !site.constant(plan.w)) return std::nullopt;
  const kernels::Conv2d conv = geometry_of(plan);
  if (conv.pixels() == 0 || conv.out_c == 0 || conv.in_c == 0) return std::nullopt;
  const bool signed_weights = has_signed_weights(site, plan);
  const Weights source(site, plan.w);
  const auto* weights = reinterpret_cast<const uint8_t*>(source.constant());
  // Many channels made of one are a window's, but for the order of their weights.
  const bool from_one = plan.form == Form::kDepthwise && conv.in_c == 1;
  if (plan.form == Form::kWindow || from_one)
    return of_windows(
        site, plan,
        [&](const kernels::IntConv& kernel) {
          return site.keep(conv.in_c, kernel.packed_bytes(), [&](std::byte* to, ThreadPool* pool) {
            kernel.pack(from_one ? by_channel(conv, weights).data() : weights, signed_weights ? 0 : 128, to, pool);
          });
        },
        -1);
  FastSums found;
  found.kernels_ = site.kernels;
  // Not asked of the weights, which a pack leaves unread: of uint8 weights less their zero point hardly any are int8.
  const bool narrow = signed_weights && plan.conv.w_zero == 0;
  const auto kernel =
      std::make_shared<kernels::Depthwise>(*site.kernels, conv, bytes_of(site, plan), narrow, site.workers);
  if (!kernel->sensible()) return std::nullopt;
  TULLE_TRY(found.packed_, site.keep(conv.in_c, kernel->packed_bytes(), [&](std::byte* packed, ThreadPool* pool) {
    if (signed_weights)
      kernel->pack(source.constant(), plan.conv.w_zero, packed, pool);
    else
      kernel->pack(weights, plan.conv.w_zero, packed, pool);
  }));
  found.scratch_ = static_cast<size_t>(site.scratch(kernel->scratch_bytes()));
  found.depthwise_ = kernel;
  found.out_c_ = conv.out_c;
  found.in_w_ = conv.pointwise() ? 1 : conv.in_w;
  return found;
}

kernels::IntConv FastSums::window_kernel(const Site& site, const ConvPlan& plan) {
  return {*site.kernels, geometry_of(plan), bytes_of(site, plan), site.workers, inner_w_zero(site, plan) != 0};
}

Result<std::optional<FastSums>> FastSums::of_windows(Site& site, const ConvPlan& plan, const Pack& pack, int scratch) {
  FastSums found;
  found.kernels_ = site.kernels;
  found.w_zero_ = inner_w_zero(site, plan);
  const auto kernel = std::make_shared<kernels::IntConv>(window_kernel(site, plan));
  if (!kernel->sensible()) return std::nullopt;
  TULLE_TRY(const std::byte* packed, pack(*kernel));
  kernel->use(packed);
  found.x_zero_ = plan.conv.x_zero;
  if (const auto inner = static_cast<uint32_t>(kernel->inner_zero(plan.conv.x_zero)); inner != 0)
    for (const int32_t sum : kernel->slots()) found.inner_.push_back(inner * static_cast<uint32_t>(sum));
  found.conv_ = kernel;
  if (scratch < 0) {
    found.find_squares(site, plan);
    const uint64_t squares = found.squares_ == nullptr ? 0 : found.squares_->scratch_bytes();
    scratch = site.scratch(std::max(squares, kernel->scratch_bytes()));
  }
  found.scratch_ = static_cast<size_t>(scratch);
  const kernels::Conv2d conv = geometry_of(plan);
  found.in_w_ = conv.pointwise() ? 1 : conv.in_w;
  found.out_c_ = conv.out_c;
  return found;
}

void FastSums::find_squares(const Site& site, const ConvPlan& plan) {
  const kernels::Conv2d conv = geometry_of(plan);
  const bool of_codes = site.in(plan.x).dtype != DType::kFloat32;
  if (!of_codes || !kernels::IntWinograd::fits(*kernels_, conv) || !kernels::IntWinograd::pays(*kernels_, conv)) return;
  const auto kernel =
      std::make_shared<kernels::IntWinograd>(*kernels_, conv, bytes_of(site, plan), w_zero_, site.workers);
  kernel->use(conv_->packed());
  squares_ = kernel;
}

void FastSums::run_rows(const Io& io, const void* x, int32_t zero_point, kernels::Emit emit) const {
  const int64_t first = io.first / out_c_, count = io.count / out_c_;
  if (squares_ != nullptr)
    squares_->run_rows(x, zero_point, io.scratch[scratch_], io.worker, first, count, emit);
  else if (conv_ != nullptr)
    conv_->run_rows(x, zero_point, io.scratch[scratch_], io.worker, first, count, emit);
  else
    depthwise_->run_rows(x, zero_point, packed_, io.scratch[scratch_], io.worker, first, count, emit);
}

void FastSums::run(const Io& io, const void* x, const int32_t* zero_points, int64_t pixels_each,
                   kernels::Emit emit) const {
  const int64_t rows_each = pixels_each / in_w_;
  if (squares_ != nullptr)
    squares_->run(x, *zero_points, io.scratch[scratch_], io.pool, emit);
  else if (conv_ != nullptr)
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
