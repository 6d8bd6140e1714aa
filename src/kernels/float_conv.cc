// The loops around float tiles.
#include "kernels/float_conv.h"

#include <algorithm>
#include <cstring>

namespace tulle::kernels {
namespace {

int64_t taps(const Conv2d& conv) { return int64_t{conv.taps_h} * conv.taps_w * conv.depth(); }

/// A worker's memory for bands: values where the input can't be read in place, and a pointer a pixel.
int64_t band_bytes(const Bands& bands) {
  return (bands.padded() ? align(static_cast<int64_t>(bands.bytes())) : 0) + align(bands.pixels() * 8);
}

/// Points at the pixels of a band, in the input or in a padded copy.
const float* const* pixels_of(const Bands& bands, const Band& band, const float* x, std::byte* scratch) {
  const Conv2d& conv = bands.conv();
  const auto* input = reinterpret_cast<const uint8_t*>(x);
  const uint8_t* base = nullptr;
  if (bands.padded()) {
    auto* values = reinterpret_cast<uint8_t*>(scratch);
    scratch += align(static_cast<int64_t>(bands.bytes()));
    const int64_t row_bytes = int64_t{conv.in_w} * conv.in_c * 4;
    bands.fill(
        band, 1, values,
        [&](int64_t row, int64_t count, uint8_t* to) {
          std::memcpy(to, input + row * row_bytes, static_cast<size_t>(count) * 4);
        },
        [](int64_t count, uint8_t* to) { std::memset(to, 0, static_cast<size_t>(count) * 4); });
    base = values;
  } else {
    base = bands.inside(band, input);
  }
  auto** rows = reinterpret_cast<const uint8_t**>(scratch);
  bands.point(band, base, rows);
  return reinterpret_cast<const float* const*>(rows);
}

/// Offsets of the terms in elements, of each group in turn.
std::vector<int64_t> group_offsets(const Bands& bands, int32_t groups) {
  const Conv2d& conv = bands.conv();
  std::vector<int64_t> offsets;
  for (int32_t g = 0; g < groups; ++g)
    for (const int64_t offset : bands.terms()) offsets.push_back(offset / 4 + g * conv.depth());
  return offsets;
}

}  // namespace

FloatConv::FloatConv(const Kernels& kernels, const Conv2d& conv, int workers)
    : kernels_(&kernels),
      workers_(workers),
      panel_((taps(conv) + 1) * kernels.lanes),
      padded_channels_((conv.out_c / conv.groups + kernels.lanes - 1) / kernels.lanes * kernels.lanes),
      panels_((padded_channels_ / kernels.lanes + kernels.float_vectors - 1) / kernels.float_vectors),
      bands_(conv, {.element = 4,
                    .out_element = 4,
                    .weights = panel_ * 4 * (padded_channels_ / kernels.lanes),
                    .panels = panels_,
                    .rows = kernels.float_rows,
                    .workers = workers,
                    .merge = true,
                    .copies = false}),
      offsets_(group_offsets(bands_, conv.groups)) {
  worker_bytes_ = static_cast<uint64_t>(band_bytes(bands_));
}

uint64_t FloatConv::packed_bytes() const {
  return static_cast<uint64_t>(panel_ * 4 * (padded_channels_ / kernels_->lanes) * bands_.conv().groups);
}

void FloatConv::pack(const float* weights, const float* bias, std::byte* packed, ThreadPool* pool) const {
  const Conv2d& conv = bands_.conv();
  const int32_t lanes = kernels_->lanes, share = conv.out_c / conv.groups, most = kernels_->float_vectors * lanes;
  const int64_t depth = taps(conv);
  const auto panels = static_cast<int32_t>(panels_);
  parallel(packed_bytes() < kPackedAlone ? nullptr : pool, conv.groups * panels, [&](int32_t task, int) {
    const int32_t g = task / panels, first = task % panels * most;
    const int32_t width = std::min(most, static_cast<int32_t>(padded_channels_) - first);
    const int32_t inside = std::min(width, share - first);
    const float* from = weights + (int64_t{g} * share + first) * depth;
    auto* out = reinterpret_cast<float*>(packed) + (depth + 1) * (g * padded_channels_ + first);
    for (int32_t n = 0; n < width; ++n) out[n] = bias != nullptr && n < inside ? bias[g * share + first + n] : 0.0f;
    out += width;
    if (inside < width) std::memset(out, 0, static_cast<size_t>(depth * width) * sizeof(float));
    // A block of the panel stays in the first cache while each channel's weights come one after the other.
    constexpr int64_t kBlock = 64;
    for (int64_t block = 0; block < depth; block += kBlock)
      for (int32_t n = 0; n < inside; ++n)
        for (int64_t k = block; k < std::min(block + kBlock, depth); ++k) out[k * width + n] = from[n * depth + k];
  });
}

void FloatConv::pack_turned(const float* weights, std::byte* packed, ThreadPool* pool) const {
  const int32_t channels = bands_.conv().out_c, most = kernels_->float_vectors * kernels_->lanes;
  const int64_t depth = taps(bands_.conv());
  parallel(packed_bytes() < kPackedAlone ? nullptr : pool, static_cast<int32_t>(panels_), [&](int32_t panel, int) {
    const int32_t first = panel * most;
    auto* out = reinterpret_cast<float*>(packed) + (depth + 1) * first;
    const int32_t width = std::min(most, static_cast<int32_t>(padded_channels_) - first);
    const int32_t inside = std::min(width, channels - first);
    std::fill_n(out, width, 0.0f);
    out += width;
    for (int64_t k = 0; k < depth; ++k, out += width) {
      std::memcpy(out, weights + k * channels + first, static_cast<size_t>(inside) * sizeof(float));
      std::fill(out + inside, out + width, 0.0f);
    }
  });
}

void FloatConv::run(const float* x, const std::byte* packed, std::byte* scratch, ThreadPool* pool,
                    const FloatOutput& out, const After* after) const {
  parallel(pool, bands_.tasks(), [&](int32_t task, int worker) {
    const int64_t splits = bands_.splits(), part = task % splits;
    band(bands_.band(task / bands_.splits()), panels_ * part / splits, panels_ * (part + 1) / splits, x, packed,
         scratch + worker_bytes_ * static_cast<size_t>(worker), out);
    if (after != nullptr) bands_.finished(task, *after);
  });
}

void FloatConv::run_rows(const float* x, const std::byte* packed, std::byte* scratch, int worker, int64_t first,
                         int64_t count, const FloatOutput& out) const {
  bands_.each(first, count, [&](const Band& some) {
    band(some, 0, panels_, x, packed, scratch + worker_bytes_ * static_cast<size_t>(worker), out);
  });
}

void FloatConv::band(const Band& band, int64_t first_panel, int64_t last_panel, const float* x, const std::byte* packed,
                     std::byte* scratch, const FloatOutput& out) const {
  const Conv2d& conv = bands_.conv();
  const float* const* rows = pixels_of(bands_, band, x, scratch);
  const auto pixels = static_cast<int32_t>(bands_.pixels(band));
  const int32_t lanes = kernels_->lanes, share = conv.out_c / conv.groups;
  const auto vectors = static_cast<int32_t>(padded_channels_ / lanes);
  const int64_t pitch = out.pitch != 0 ? out.pitch : conv.out_c;
  for (int32_t g = 0; g < conv.groups; ++g) {
    const int64_t* offsets = offsets_.data() + static_cast<size_t>(g) * bands_.terms().size();
    for (int64_t panel = first_panel; panel < last_panel; ++panel) {
      const auto vector = static_cast<int32_t>(panel) * kernels_->float_vectors,
                 width = std::min(kernels_->float_vectors, vectors - vector);
      const auto* weights = reinterpret_cast<const float*>(packed) + panel_ * (int64_t{g} * vectors + vector);
      FloatTile tile{.rows = nullptr,
                     .tiles = 0,
                     .offsets = offsets,
                     .terms = static_cast<int32_t>(bands_.terms().size()),
                     .depth = bands_.term_depth(),
                     .weights = weights + int64_t{width} * lanes,
                     .bias = weights,
                     .low = out.low,
                     .high = out.high,
                     .y = nullptr,
                     .stride = pitch,
                     .channels = std::min(width * lanes, share - vector * lanes)};
      // Tiles as even as can be: one of few rows is as slow as one of more.
      const int32_t tiles = (pixels + kernels_->float_rows - 1) / kernels_->float_rows;
      const int32_t least = pixels / std::max(tiles, 1), taller = pixels - least * tiles;
      const auto run = [&](int32_t count, int32_t p, int32_t tall) {
        if (count == 0) return;
        tile.rows = rows + p;
        tile.tiles = count;
        tile.y = out.y + (bands_.first_pixel(band) + p) * pitch + g * share + vector * lanes;
        kernels_->float_tiles[(tall - 1) * kernels_->float_vectors + width - 1](tile);
      };
      run(taller, 0, least + 1);
      run(tiles - taller, taller * (least + 1), least);
    }
  }
}

namespace {

/// The taps that fall on 0...size-1 for a window whose tap 0 falls on origin.
FloatDepthwise::Taps inside(int64_t origin, int32_t dilation, int32_t taps, int32_t size) {
  const int64_t first = origin < 0 ? (-origin + dilation - 1) / dilation : 0;
  const int64_t last = origin < size ? (size - origin + dilation - 1) / dilation : 0;
  return {static_cast<int32_t>(std::min<int64_t>(first, taps)), static_cast<int32_t>(std::min<int64_t>(last, taps))};
}

}  // namespace

FloatDepthwise::FloatDepthwise(const Conv2d& conv) : conv_(conv) {
  for (int32_t column = 0; column < conv.out_w; ++column) {
    const Taps taps = inside(int64_t{column} * conv.stride_w - conv.pad_w, conv.dilation_w, conv.taps_w, conv.in_w);
    if (runs_.empty() || runs_.back().taps != taps) runs_.push_back({column, column, taps});
    runs_.back().last = column + 1;
  }
}

void FloatDepthwise::run(const Kernels& kernels, const float* x, const float* weights, const float* bias,
                         ThreadPool* pool, const FloatOutput& out, const After* after) const {
  const int64_t rows = int64_t{conv_.batches} * conv_.out_h;
  const int threads = pool == nullptr ? 1 : pool->threads();
  const auto parts = static_cast<int>(std::min<int64_t>(rows, threads == 1 ? 1 : 4 * threads));
  parallel(pool, parts, [&](int part, int) {
    for (int64_t r = rows * part / parts; r < rows * (part + 1) / parts; ++r) {
      row(kernels, r, x, weights, bias, out);
      const int64_t elements = int64_t{conv_.out_w} * conv_.out_c;
      if (after != nullptr) after->call(after->self, r * elements, elements);
    }
  });
}

void FloatDepthwise::row(const Kernels& kernels, int64_t row, const float* x, const float* weights, const float* bias,
                         const FloatOutput& out) const {
  const int64_t channels = conv_.out_c, batch = row / conv_.out_h;
  const int64_t top = row % conv_.out_h * conv_.stride_h - conv_.pad_h;
  const Taps rows = inside(top, conv_.dilation_h, conv_.taps_h, conv_.in_h);
  const float* image = x + batch * conv_.in_h * conv_.in_w * channels;
  for (const auto& [first, last, columns] : runs_) {
    const int64_t left = int64_t{first} * conv_.stride_w - conv_.pad_w + int64_t{columns.first} * conv_.dilation_w;
    kernels.float_depthwise(
        {.x = image + ((top + int64_t{rows.first} * conv_.dilation_h) * conv_.in_w + left) * channels,
         .step = conv_.stride_w * channels,
         .row_step = int64_t{conv_.dilation_h} * conv_.in_w * channels,
         .column_step = conv_.dilation_w * channels,
         .taps_h = rows.last - rows.first,
         .taps_w = columns.last - columns.first,
         .pixels = last - first,
         .channels = conv_.out_c,
         .weights = weights + (int64_t{rows.first} * conv_.taps_w + columns.first) * channels,
         .weight_row_step = conv_.taps_w * channels,
         .bias = bias,
         .low = out.low,
         .high = out.high,
         .y = out.y + (row * conv_.out_w + first) * channels});
  }
}

}  // namespace tulle::kernels
