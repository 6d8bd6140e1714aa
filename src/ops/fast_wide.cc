// The choice of a kernel for 64-bit sums.
#include "ops/fast_wide.h"

#include "ops/conv.h"

namespace tulle::ops {

Result<std::optional<FastWide>> FastWide::find(Site& site, const ConvPlan& plan) {
  if (site.kernels == nullptr || plan.form == Form::kOther || !site.constant(plan.w) || plan.conv.w_zero != 0)
    return std::nullopt;
  const kernels::Conv2d conv = geometry_of(plan);
  if (conv.pixels() == 0 || conv.out_c == 0 || conv.in_c == 0) return std::nullopt;
  const Weights source(site, plan.w);
  FastWide found;
  if (plan.form == Form::kDepthwise) {
    constexpr int64_t kMost = 511;  // products of at most 2^22 that fit 32 bits together
    const auto kernel = std::make_shared<kernels::Depthwise>(*site.kernels, conv, std::nullopt, false, site.workers);
    if (!kernel->sensible() || int64_t{conv.taps_h} * conv.taps_w > kMost) return std::nullopt;
    TULLE_TRY(found.packed_, site.keep(conv.in_c, kernel->packed_bytes(), [&](std::byte* to, ThreadPool* pool) {
      kernel->pack(source.constant(), 0, to, pool);
    }));
    found.scratch_ = static_cast<size_t>(site.scratch(kernel->scratch_bytes()));
    found.depthwise_ = kernel;
    return found;
  }
  const auto kernel = std::make_shared<kernels::WideConv>(*site.kernels, conv, site.workers);
  if (!kernel->sensible()) return std::nullopt;
  TULLE_TRY(found.packed_, site.keep(conv.in_c, kernel->packed_bytes(), [&](std::byte* to, ThreadPool* pool) {
    kernel->pack(source.constant(), to, pool);
  }));
  found.scratch_ = static_cast<size_t>(site.scratch(kernel->scratch_bytes()));
  found.conv_ = kernel;
  return found;
}

}  // namespace tulle::ops
