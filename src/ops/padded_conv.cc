// Which PADs a convolution can do without.
#include "ops/padded_conv.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "ops/pad.h"
#include "ops/strided.h"

namespace tulle::ops {
namespace {

/// Whether PAD changes nothing on the way, and what it adds is 0 to whom reads its output.
bool adds_zeros(const Site& pad) {
  const Tensor &in = pad.in(0), &out = pad.out(0);
  if ((in.quantization == nullptr) != (out.quantization == nullptr)) return false;
  if (in.quantization != nullptr && *in.quantization != *out.quantization) return false;
  const Result<ZeroBytes> zero = zero_of(out, pad);
  if (!zero) return false;
  return !pad.has(2) ||
         (pad.known(2) && std::memcmp(pad.in(2).data, zero->data(), static_cast<size_t>(element_bytes(out))) == 0);
}

/// Some kernels of floats leave out what lies outside instead of adding products of 0, which is the same but for
/// weights that are no numbers, and for a bias of -0.
bool may_leave_out(const Site& site, const ConvPlan& plan) {
  const auto all = [&](int i, auto is) {
    return !site.has(i) || (site.constant(i) && std::ranges::all_of(site.values<float>(i), is));
  };
  return all(plan.w, [](float w) { return std::isfinite(w); }) &&
         all(plan.bias, [](float b) { return std::bit_cast<uint32_t>(b) != std::bit_cast<uint32_t>(-0.0f); });
}

/// Real rows that meet integer weights become codes eight at a time, and what is left over by another rounding: that
/// must be none of what PAD reads.
bool rounds_alike(const Site& pad, const Paddings& paddings) {
  constexpr int64_t kAtOnce = 8;
  const Shape &in = pad.in(0).shape, &out = pad.out(0).shape;
  const int64_t behind = (paddings.after[1] * out[2] + paddings.after[2]) * out[3];
  return in.elements(1, 4) % kAtOnce == 0 && behind >= out.elements(1, 4) % kAtOnce;
}

}  // namespace

void take_over_pad(Site& site, ConvPlan& plan) {
  if (site.kernels == nullptr || !site.constant(plan.w)) return;
  const std::optional<Site> pad = site.maker(plan.x);
  if (!pad.has_value() || (op_name(*pad->node) != "PAD" && op_name(*pad->node) != "PADV2")) return;
  if (!pad->known(1) || !adds_zeros(*pad)) return;
  // A variable may change between the two nodes.
  if (pad->model->graphs[pad->graph_index].values[pad->node->inputs[0]].is_variable) return;
  const Result<Paddings> paddings = read_paddings(*pad);
  if (!paddings || paddings->before[0] + paddings->after[0] + paddings->before[3] + paddings->after[3] != 0) return;

  // So much that windows see nothing else would make kernels leave the node to the plain loops.
  tulle_window& window = plan.conv.window;
  const int64_t reach[] = {int64_t{window.taps_h - 1} * window.dilation_h,
                           int64_t{window.taps_w - 1} * window.dilation_w};
  constexpr int64_t kMost = 128;
  for (size_t i : {size_t{1}, size_t{2}})
    if (std::max(paddings->before[i], paddings->after[i]) > std::min(reach[i - 1], kMost)) return;

  const DType filter = site.in(plan.w).dtype;
  if (site.in(plan.x).dtype == DType::kFloat32) {
    const bool leaves_out = plan.form == Form::kDepthwise || site.exact_reals;
    if (filter == DType::kFloat32 ? leaves_out && !may_leave_out(site, plan) : !rounds_alike(*pad, *paddings)) return;
  }
  const Shape& image = pad->in(0).shape;
  window.in_h = image[1];
  window.in_w = image[2];
  window.pad_h += static_cast<int32_t>(paddings->before[1]);
  window.pad_w += static_cast<int32_t>(paddings->before[2]);
  site.read_past(plan.x);
}

}  // namespace tulle::ops
