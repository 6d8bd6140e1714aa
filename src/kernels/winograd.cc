// The loops around transforms and products.
#include "kernels/winograd.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace tulle::kernels {
namespace {

constexpr int32_t kSquares = 24;  ///< that are transformed and multiplied together; every set's tiles divide them
constexpr int32_t kSide = 4, kWide = kSide + 2, kPlaces = kWide * kWide;

/// What filters are multiplied by from the left, and transposed from the right.
constexpr double kSpread[kWide][3] = {{1.0 / 4, 0, 0},
                                      {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                      {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                      {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                      {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                      {0, 0, 1}};

constexpr int kMostWidth = 48;  ///< channels of a panel

/// The filters of one input channel for the outputs of a panel at each place, `step` elements apart.
void transform_filters(const double (&taps)[9][kMostWidth], int32_t width, float* out, int64_t step) {
  double half[kWide][3][kMostWidth];
  for (int i = 0; i < kWide; ++i)
    for (int j = 0; j < 3; ++j)
      for (int32_t n = 0; n < width; ++n)
        half[i][j][n] = kSpread[i][0] * taps[j][n] + kSpread[i][1] * taps[3 + j][n] + kSpread[i][2] * taps[6 + j][n];
  for (int i = 0; i < kWide; ++i)
    for (int j = 0; j < kWide; ++j, out += step)
      for (int32_t n = 0; n < width; ++n)
        out[n] = static_cast<float>(half[i][0][n] * kSpread[j][0] + half[i][1][n] * kSpread[j][1] +
                                    half[i][2][n] * kSpread[j][2]);
}

int64_t squares_of(int32_t size) { return (size + kSide - 1) / kSide; }

}  // namespace

bool Winograd::fits(const Kernels& kernels, const Conv2d& conv) {
  // Filters take four times the memory. What few channels save is lost in transforms, what few squares save in reading
  // so many filters.
  constexpr int32_t kLeastChannels = 32;
  constexpr int64_t kMostWeights = 128 * 128, kLeastSquares = 12;
  return kernels.winograd_output != nullptr && conv.taps_h == 3 && conv.taps_w == 3 && conv.stride_h == 1 &&
         conv.stride_w == 1 && conv.dilation_h == 1 && conv.dilation_w == 1 && conv.groups == 1 &&
         conv.in_c >= kLeastChannels && conv.out_c >= kLeastChannels &&
         int64_t{conv.in_c} * conv.out_c <= kMostWeights &&
         conv.batches * squares_of(conv.out_h) * squares_of(conv.out_w) >= kLeastSquares;
}

Winograd::Winograd(const Kernels& kernels, const Conv2d& conv, int workers)
    : kernels_(&kernels),
      conv_(conv),
      workers_(workers),
      down_(squares_of(conv.out_h)),
      across_(squares_of(conv.out_w)) {
  // Transformed inputs, one panel's products, a pixel of zeros.
  worker_bytes_ = static_cast<uint64_t>(align(int64_t{kPlaces} * kSquares * conv.in_c * 4) +
                                        align(int64_t{kPlaces} * kSquares * panel_width() * 4) +
                                        align((int64_t{conv.in_c} + kernels.lanes) * 4));
}

// A vector of zeros for each panel's width, biases, then for each panel the filters of every place.
uint64_t Winograd::packed_bytes() const {
  const int64_t width = panel_width();
  return static_cast<size_t>((width + panels() * width + panels() * kPlaces * conv_.in_c * width) * 4);
}

void Winograd::pack(const float* weights, const float* bias, std::byte* packed, ThreadPool* pool) const {
  const int32_t width = panel_width(), channels = conv_.in_c;
  auto* out = reinterpret_cast<float*>(packed);
  std::fill_n(out, int64_t{width} * (1 + panels()), 0.0f);
  if (bias != nullptr) std::copy_n(bias, conv_.out_c, out + width);
  out += int64_t{width} * (1 + panels());
  const int64_t step = int64_t{channels} * width;
  // There are few panels.
  constexpr int32_t kBlock = 16;
  const int32_t blocks = (channels + kBlock - 1) / kBlock;
  parallel(pool, panels() * blocks, [&](int32_t task, int) {
    const int32_t panel = task / blocks, block = task % blocks * kBlock;
    const int32_t first = panel * width, inside = std::min(width, conv_.out_c - first);
    double taps[9][kMostWidth] = {};
    for (int32_t c = block; c < std::min(block + kBlock, channels); ++c) {
      for (int32_t n = 0; n < inside; ++n)
        for (int64_t t = 0; t < 9; ++t) taps[t][n] = static_cast<double>(weights[((first + n) * 9 + t) * channels + c]);
      transform_filters(taps, width, out + int64_t{panel} * kPlaces * step + int64_t{c} * width, step);
    }
  });
}

void Winograd::run(const float* x, const std::byte* packed, std::byte* scratch, ThreadPool* pool,
                   const FloatOutput& out) const {
  const int64_t all = conv_.batches * down_ * across_;
  const auto tasks = static_cast<int>((all + kSquares - 1) / kSquares);
  parallel(pool, tasks, [&](int task, int worker) {
    const int64_t first = int64_t{task} * kSquares;
    squares(first, static_cast<int32_t>(std::min<int64_t>(kSquares, all - first)), x,
            reinterpret_cast<const float*>(packed), scratch + worker_bytes_ * static_cast<size_t>(worker), out);
  });
}

void Winograd::squares(int64_t first, int32_t count, const float* x, const float* packed, std::byte* scratch,
                       const FloatOutput& out) const {
  const int32_t channels = conv_.in_c, width = panel_width();
  auto* inputs = reinterpret_cast<float*>(scratch);
  auto* products = reinterpret_cast<float*>(scratch + align(int64_t{kPlaces} * kSquares * channels * 4));
  auto* blank = products + align(int64_t{kPlaces} * kSquares * width * 4) / 4;
  std::memset(blank, 0, static_cast<size_t>(channels) * 4);
  const auto place_of = [&](int32_t s, int64_t& batch, int32_t& top, int32_t& left) {
    const int64_t square = first + s, within = square % (down_ * across_);
    batch = square / (down_ * across_);
    top = static_cast<int32_t>(within / across_) * kSide;
    left = static_cast<int32_t>(within % across_) * kSide;
  };
  std::array<const float*, kPlaces> pixels;
  for (int32_t s = 0; s < count; ++s) {
    int64_t batch;
    int32_t top, left;
    place_of(s, batch, top, left);
    for (int32_t i = 0; i < kWide; ++i)
      for (int32_t j = 0; j < kWide; ++j) {
        const int32_t row = top - conv_.pad_h + i, column = left - conv_.pad_w + j;
        const bool inside = row >= 0 && row < conv_.in_h && column >= 0 && column < conv_.in_w;
        pixels[static_cast<size_t>(i * kWide + j)] =
            inside ? x + ((batch * conv_.in_h + row) * conv_.in_w + column) * channels : blank;
      }
    kernels_->winograd_input(pixels.data(), channels, inputs + int64_t{s} * channels, int64_t{kSquares} * channels);
  }
  std::array<const float*, kSquares> rows;
  for (int32_t s = 0; s < kSquares; ++s)
    rows[static_cast<size_t>(s)] = inputs + int64_t{std::min(s, count - 1)} * channels;
  constexpr float kMost = std::numeric_limits<float>::infinity();
  const int64_t pitch = out.pitch != 0 ? out.pitch : conv_.out_c;
  for (int32_t panel = 0; panel < panels(); ++panel) {
    const float* weights = packed + int64_t{width} * (1 + panels()) + int64_t{panel} * kPlaces * channels * width;
    for (int32_t place = 0; place < kPlaces; ++place) {
      const int64_t offset = int64_t{place} * kSquares * channels;
      FloatTile tile{.rows = nullptr,
                     .tiles = 1,
                     .offsets = &offset,
                     .terms = 1,
                     .depth = channels,
                     .weights = weights + int64_t{place} * channels * width,
                     .bias = packed,
                     .low = -kMost,
                     .high = kMost,
                     .y = nullptr,
                     .stride = width,
                     .channels = width};
      for (int32_t s = 0; s < count; s += kernels_->float_rows) {
        const int32_t tall = std::min(kernels_->float_rows, count - s);
        tile.rows = rows.data() + s;
        tile.y = products + (int64_t{place} * kSquares + s) * width;
        kernels_->float_tiles[(tall - 1) * kernels_->float_vectors + kernels_->float_vectors - 1](tile);
      }
    }
    for (int32_t s = 0; s < count; ++s) {
      int64_t batch;
      int32_t top, left;
      place_of(s, batch, top, left);
      kernels_->winograd_output(
          {.products = products + int64_t{s} * width,
           .step = int64_t{kSquares} * width,
           .bias = packed + width + int64_t{panel} * width,
           .low = out.low,
           .high = out.high,
           .y = out.y + ((batch * conv_.out_h + top) * conv_.out_w + left) * pitch + int64_t{panel} * width,
           .row_step = conv_.out_w * pitch,
           .column_step = pitch,
           .rows = std::min(kSide, conv_.out_h - top),
           .columns = std::min(kSide, conv_.out_w - left),
           .channels = std::min(width, conv_.out_c - panel * width)});
    }
  }
}

}  // namespace tulle::kernels
