// Phases, their filters, and where their outputs go.
#include "ops/transposed.h"

#include <algorithm>
#include <utility>

#include "kernels/float_conv.h"
#include "ops/in_parts.h"

namespace tulle::ops {
namespace {

constexpr int32_t kMostPhases = 64, kMostTaps = 64;

/// One phase along one side of the picture.
struct Side {
  int32_t first, count;    ///< its first output, and how many a stride apart
  int32_t tap, taps, pad;  ///< its first tap; how many a stride apart, backwards; what lies before the input
  bool blank;              ///< some of those taps are no taps of the filter, and 0
};

Side side(int32_t first, int32_t in, int32_t out, int32_t taps, int32_t stride, int32_t pad) {
  const int64_t from = int64_t{first} + pad;
  Side side = {first, (out - first + stride - 1) / stride, static_cast<int32_t>(from % stride), 0, 0, false};
  const int64_t source = from / stride, own = side.tap < taps ? (taps - side.tap + stride - 1) / stride : 0;
  int64_t wanted = std::max({own, source + 1, int64_t{1}});
  if (wanted == 1 && side.count != in) wanted = 2;  // else it would be taken for a product of all pixels
  side.taps = static_cast<int32_t>(std::min<int64_t>(wanted, INT32_MAX));
  side.pad = static_cast<int32_t>(std::min<int64_t>(wanted - 1 - source, INT32_MAX));
  side.blank = wanted > own;
  return side;
}

struct Phase {
  Side rows, columns;
  ConvPlan plan;  ///< of the convolution

  /// The filter, [out_c][taps_h][taps_w][in_c], from that of the operator; `none` where there is no such tap.
  template <class T>
  std::vector<T> filter(const ConvPlan& whole, const T* from, T none) const {
    const tulle_window& w = whole.conv.window;
    const int64_t depth = whole.conv.in_c;
    std::vector<T> made(static_cast<size_t>(whole.conv.out_c * depth * rows.taps * columns.taps), none);
    auto to = made.begin();
    for (int64_t c = 0; c < whole.conv.out_c; ++c)
      for (int32_t i = 0; i < rows.taps; ++i)
        for (int32_t j = 0; j < columns.taps; ++j, to += depth) {
          const int64_t row = rows.tap + int64_t{w.stride_h} * (rows.taps - 1 - i);
          const int64_t column = columns.tap + int64_t{w.stride_w} * (columns.taps - 1 - j);
          if (row < w.taps_h && column < w.taps_w)
            std::copy_n(from + ((c * w.taps_h + row) * w.taps_w + column) * depth, depth, to);
        }
    return made;
  }
  /// Where its output pixel `pixel` lies among all.
  int64_t place(const ConvPlan& whole, int64_t pixel) const {
    const tulle_window& w = whole.conv.window;
    const int64_t j = pixel % columns.count, i = pixel / columns.count % rows.count;
    const int64_t batch = pixel / columns.count / rows.count;
    return (batch * w.out_h + rows.first + i * w.stride_h) * w.out_w + columns.first + j * w.stride_w;
  }
};

/// Empty where the plain loops have to do it.
std::vector<Phase> phases_of(const Site& site, const ConvPlan& plan) {
  const tulle_conv& conv = plan.conv;
  const tulle_window& w = conv.window;
  std::vector<Phase> phases;
  if (site.kernels == nullptr || !site.constant(plan.w) || int64_t{w.stride_h} * w.stride_w > kMostPhases) return {};
  if (std::min({conv.batches, conv.in_c, conv.out_c, w.in_h, w.in_w, w.out_h, w.out_w}) < 1) return {};
  for (int32_t p = 0; p < std::min(w.stride_h, w.out_h); ++p)
    for (int32_t q = 0; q < std::min(w.stride_w, w.out_w); ++q) {
      const Side rows = side(p, w.in_h, w.out_h, w.taps_h, w.stride_h, w.pad_h);
      const Side columns = side(q, w.in_w, w.out_w, w.taps_w, w.stride_w, w.pad_w);
      if (std::max(rows.taps, columns.taps) > std::max({kMostTaps, w.taps_h, w.taps_w})) return {};
      Phase phase = {rows, columns, plan};
      tulle_window& window = phase.plan.conv.window;
      window.out_h = rows.count, window.out_w = columns.count;
      window.taps_h = rows.taps, window.taps_w = columns.taps;
      window.pad_h = rows.pad, window.pad_w = columns.pad;
      window.stride_h = window.stride_w = window.dilation_h = window.dilation_w = 1;
      phase.plan.form = Form::kWindow;
      phases.push_back(phase);
    }
  return phases;
}

/// Tells apart the filters that different shapes make of the operator's: a hash of which taps each phase has.
int32_t layout_of(std::span<const Phase> phases) {
  uint32_t hash = 2166136261u;
  for (const Phase& phase : phases)
    for (const int32_t number : {phase.rows.tap, phase.rows.taps, phase.columns.tap, phase.columns.taps})
      hash = (hash ^ static_cast<uint32_t>(number)) * 16777619u;
  return static_cast<int32_t>(hash);
}

/// Memory for parts of these sizes, one after the other: where each begins, then the size of all.
std::vector<uint64_t> starts(std::span<const uint64_t> sizes) {
  std::vector<uint64_t> at = {0};
  for (const uint64_t size : sizes) at.push_back(at.back() + (size + 63) / 64 * 64);
  return at;
}

}  // namespace

Result<std::optional<Kernel>> transposed_floats(Site& site, const ConvPlan& plan, RangeF32 range) {
  if (site.float_kernels() == nullptr || (site.has(plan.bias) && !site.constant(plan.bias))) return std::nullopt;
  const std::vector<Phase> phases = phases_of(site, plan);
  if (phases.empty()) return std::nullopt;
  std::vector<kernels::FloatConv> kernels;
  std::vector<uint64_t> sizes;
  uint64_t scratch = 0, most = 0;
  for (const Phase& phase : phases) {
    if (phase.rows.blank || phase.columns.blank) return std::nullopt;  // 0 times an infinite input is no 0
    const kernels::FloatConv& kernel = kernels.emplace_back(*site.kernels, geometry_of(phase.plan), site.workers);
    if (!kernel.sensible()) return std::nullopt;
    sizes.push_back(kernel.packed_bytes());
    scratch = std::max(scratch, kernel.scratch_bytes());
    most = std::max(most, static_cast<uint64_t>(geometry_of(phase.plan).pixels() * plan.conv.out_c));
  }
  const std::vector<uint64_t> at = starts(sizes);
  const float* bias = site.has(plan.bias) ? site.in(plan.bias).as<float>() : nullptr;
  TULLE_TRY(const std::byte* packed, site.keep(layout_of(phases), at.back(), [&](std::byte* to, ThreadPool* pool) {
    std::fill_n(to, at.back(), std::byte{0});
    for (size_t i = 0; i < phases.size(); ++i)
      kernels[i].pack(phases[i].filter(plan, site.in(plan.w).as<float>(), 0.0f).data(), bias, to + at[i], pool);
  }));
  const bool alone = phases.size() == 1;
  const auto bands = static_cast<size_t>(site.scratch(scratch));
  const auto apart = static_cast<size_t>(site.scratch(alone ? 0 : sizeof(float) * most));
  return [=, plan = plan, kernels = std::move(kernels)](const Io& io) -> Result<void> {
    const int64_t out_c = plan.conv.out_c, step = plan.conv.window.stride_w * out_c;
    auto* phase_y = alone ? io.out<float>(0) : reinterpret_cast<float*>(io.scratch[apart]);
    for (size_t i = 0; i < phases.size(); ++i) {
      kernels[i].run(io.in<float>(plan.x), packed + at[i], io.scratch[bands], io.pool,
                     {range.low, range.high, phase_y});
      if (alone) break;
      const Phase& phase = phases[i];
      const int64_t columns = phase.columns.count, rows = int64_t{plan.conv.batches} * phase.rows.count;
      in_parts(io, rows, columns * out_c, [&](int64_t first, int64_t count, int) {
        for (int64_t r = first; r < first + count; ++r) {
          const float* from = phase_y + r * columns * out_c;
          float* to = io.out<float>(0) + phase.place(plan, r * columns) * out_c;
          for (int64_t c = 0; c < columns; ++c, from += out_c, to += step) std::copy_n(from, out_c, to);
        }
      });
    }
    return {};
  };
}

namespace {

/// A phase with sums, and with factors where kernels take them.
struct CodesPhase {
  Phase phase;
  FastSums sums;
  std::optional<TileCodes> tiles;
};

template <class Y>
Kernel by_phases(const ConvPlan& plan, std::vector<CodesPhase> phases, Rescale to,
                 void (*codes)(const uint32_t*, const int32_t*, int32_t, const tulle_codes*, Y*)) {
  return [=, phases = std::move(phases), to = std::move(to), plan = plan](const Io& io) -> Result<void> {
    const int64_t out_c = plan.conv.out_c, step = plan.conv.window.stride_w * out_c;
    for (const CodesPhase& own : phases) {
      // Outputs of one row of the phase lie a step apart.
      const auto emit = [&](const kernels::Sums& tile) {
        const int64_t columns = own.phase.columns.count;
        kernels::Sums part = tile;
        for (int32_t m = 0; m < tile.rows; m += part.rows) {
          const int64_t pixel = tile.pixel + m;
          part.rows = static_cast<int32_t>(std::min<int64_t>(tile.rows - m, columns - pixel % columns));
          part.sums = tile.sums + m * tile.stride;
          if (tile.totals != nullptr) part.totals = tile.totals + m;
          part.pixel = 0;
          Y* y = io.out<Y>(0) + own.phase.place(plan, pixel) * out_c;
          // Rows of the part, which count from its first.
          const auto by_rows = [&](const kernels::Sums& rows) {
            const int32_t* bias = io.in<int32_t>(plan.bias);
            tulle_codes all;
            to.fill(all);
            const tulle_codes here = from_channel(all, rows.channel);
            for (int32_t r = 0; r < rows.rows; ++r) {
              uint32_t row[kMaxTile];
              own.sums.centre(rows, r, plan.conv.x_zero, row);
              codes(row, bias == nullptr ? nullptr : bias + rows.channel, rows.channels, &here,
                    y + (rows.pixel + r) * step + rows.channel);
            }
          };
          if (own.tiles.has_value())
            (*own.tiles)(own.sums, part, reinterpret_cast<uint8_t*>(y), kernels::emit_to(by_rows));
          else
            by_rows(part);
        }
      };
      own.sums.run(io, io.in<std::byte>(plan.x), &plan.conv.x_zero, INT64_MAX, kernels::emit_to(emit));
    }
    return {};
  };
}

}  // namespace

Result<std::optional<Kernel>> transposed_codes(Site& site, const ConvPlan& plan, const Rescale& to) {
  const std::vector<Phase> phases = phases_of(site, plan);
  if (phases.empty()) return std::nullopt;
  std::vector<kernels::IntConv> kernels;
  std::vector<uint64_t> sizes;
  uint64_t scratch = 0;
  for (const Phase& phase : phases) {
    const kernels::IntConv& kernel = kernels.emplace_back(FastSums::window_kernel(site, phase.plan));
    if (!kernel.sensible()) return std::nullopt;
    sizes.push_back(kernel.packed_bytes());
    scratch = std::max(scratch, kernel.scratch_bytes());
  }
  const std::vector<uint64_t> at = starts(sizes);
  const uint8_t flip = site.in(plan.w).dtype == DType::kUint8 ? 128 : 0;
  TULLE_TRY(const std::byte* packed, site.keep(layout_of(phases), at.back(), [&](std::byte* to, ThreadPool* pool) {
    std::fill_n(to, at.back(), std::byte{0});
    const auto none = static_cast<uint8_t>(plan.conv.w_zero);
    for (size_t i = 0; i < phases.size(); ++i)
      kernels[i].pack(phases[i].filter(plan, site.in(plan.w).as<uint8_t>(), none).data(), flip, to + at[i], pool);
  }));
  const int bands = site.scratch(scratch);
  const int32_t* bias = site.has(plan.bias) ? site.in(plan.bias).as<int32_t>() : nullptr;
  std::vector<CodesPhase> made;
  for (size_t i = 0; i < phases.size(); ++i) {
    const auto given = [&](const kernels::IntConv&) -> Result<const std::byte*> { return packed + at[i]; };
    TULLE_TRY(std::optional<FastSums> sums, FastSums::of_windows(site, phases[i].plan, given, bands));
    if (!sums.has_value()) return std::nullopt;
    CodesPhase phase = {phases[i], *std::move(sums), std::nullopt};
    if (bias == nullptr || site.constant(plan.bias))
      phase.tiles = TileCodes::find(phases[i].plan, phase.sums, to, bias, false);
    if (phase.tiles.has_value()) phase.tiles->set_pitch(int64_t{plan.conv.window.stride_w} * plan.conv.out_c);
    made.push_back(std::move(phase));
  }
  if (site.in(plan.x).dtype == DType::kUint8) return by_phases<uint8_t>(plan, std::move(made), to, tulle_codes_u8);
  return by_phases<int8_t>(plan, std::move(made), to, tulle_codes_i8);
}

}  // namespace tulle::ops
