// The loops around depthwise tiles.
#include "kernels/depthwise.h"

#include <algorithm>
#include <cstring>

namespace tulle::kernels {
namespace {

constexpr int32_t kPixels = 16;  ///< output pixels of a tile: enough to load factors once for several

/// As many input channels as output ones: a channel that feeds several is repeated.
Conv2d repeated(Conv2d conv) {
  conv.in_c = conv.groups = conv.out_c;
  return conv;
}

int32_t pixels_together(const Kernels& kernels, const Conv2d& conv) {
  const int32_t block = kernels.depthwise_channels;
  return conv.stride_w == 1 && conv.out_c < block && block % conv.out_c == 0 ? block / conv.out_c : 1;
}

/// Repeats each of `count` elements `each` times; they lie at the end of the room for the result.
void repeat(int16_t* out, int64_t count, int64_t each) {
  const int16_t* from = out + count * (each - 1);
  for (int64_t i = 0; i < count; ++i) {
    const int16_t value = from[i];
    for (int64_t j = 0; j < each; ++j) *out++ = value;
  }
}

}  // namespace

Depthwise::Depthwise(const Kernels& kernels, const Conv2d& conv, std::optional<Bytes8> activations, int workers)
    : kernels_(&kernels),
      activations_(activations),
      workers_(workers),
      each_(conv.out_c / conv.in_c),
      together_(pixels_together(kernels, conv)),
      bands_(repeated(conv), {.element = 2,
                              .out_element = 1,
                              .weights = 0,
                              .panels = 1,
                              .rows = 1,
                              .workers = workers,
                              .merge = false,
                              .copies = true}) {
  worker_bytes_ = static_cast<size_t>(align(static_cast<int64_t>(bands_.bytes())) +
                                      align(int64_t{kPixels} * kernels.depthwise_channels * 4));
}

size_t Depthwise::packed_bytes() const {
  const int64_t block = kernels_->depthwise_channels, blocks = (bands_.conv().out_c + block - 1) / block;
  return static_cast<size_t>(blocks * kernels_->depthwise_bytes(bands_.conv().taps_h, bands_.conv().taps_w));
}

template <class W>
void Depthwise::pack(const W* weights, int32_t zero_point, std::byte* packed, ThreadPool* pool) const {
  const int32_t channels = bands_.conv().out_c, block = kernels_->depthwise_channels;
  const int32_t taps_h = bands_.conv().taps_h, taps_w = bands_.conv().taps_w, terms = taps_h * taps_w;
  const auto tasks = (channels + block - 1) / block;
  parallel(packed_bytes() < kPackedAlone ? nullptr : pool, tasks, [&](int32_t task, int) {
    std::vector<int16_t> taps(static_cast<size_t>(block) * static_cast<size_t>(terms));
    const int32_t c = task * block, width = together_ > 1 ? block : std::min(block, channels - c);
    for (int32_t t = 0; t < terms; ++t)
      for (int32_t i = 0; i < width; ++i)
        taps[static_cast<size_t>(t * block + i)] =
            static_cast<int16_t>(weights[int64_t{t} * channels + (c + i) % channels] - zero_point);
    kernels_->pack_depthwise(taps.data(), block, taps_h, taps_w, width,
                             packed + task * kernels_->depthwise_bytes(taps_h, taps_w));
  });
}
template void Depthwise::pack(const int8_t*, int32_t, std::byte*, ThreadPool*) const;
template void Depthwise::pack(const uint8_t*, int32_t, std::byte*, ThreadPool*) const;

void Depthwise::run(const void* x, const int32_t* zero_points, int64_t rows_each, const std::byte* packed,
                    std::byte* scratch, ThreadPool* pool, Emit emit) const {
  parallel(pool, bands_.count(), [&](int32_t index, int worker) {
    band(bands_.band(index), static_cast<const uint8_t*>(x), zero_points, rows_each, packed,
         scratch + worker_bytes_ * static_cast<size_t>(worker), emit);
    if (emit.after != nullptr) bands_.finished(index, *emit.after);
  });
}

void Depthwise::run_rows(const void* x, int32_t zero_point, const std::byte* packed, std::byte* scratch, int worker,
                         int64_t first, int64_t count, Emit emit) const {
  bands_.each(first, count, [&](const Band& some) {
    band(some, static_cast<const uint8_t*>(x), &zero_point, INT64_MAX, packed,
         scratch + worker_bytes_ * static_cast<size_t>(worker), emit);
  });
}

void Depthwise::band(const Band& band, const uint8_t* x, const int32_t* zero_points, int64_t rows_each,
                     const std::byte* packed, std::byte* scratch, Emit emit) const {
  const Conv2d& conv = bands_.conv();
  auto* sums = reinterpret_cast<int32_t*>(scratch + align(static_cast<int64_t>(bands_.bytes())));
  const int64_t row_values = int64_t{conv.in_w} * conv.in_c / each_;
  bands_.fill(
      band, rows_each, reinterpret_cast<uint8_t*>(scratch),
      [&](int64_t row, int64_t count, uint8_t* bytes) {
        auto* to = reinterpret_cast<int16_t*>(bytes);
        const int32_t zero = zero_points[row / rows_each];
        const int64_t own = count / each_;
        if (activations_.has_value())
          centre(*kernels_, *activations_, x + row * row_values, own, zero, to + count - own);
        else
          std::memcpy(to + count - own, x + row * row_values * 2, static_cast<size_t>(own) * 2);
        if (each_ > 1) repeat(to, own, each_);
      },
      [&](int64_t count, uint8_t* to) { std::memset(to, 0, static_cast<size_t>(count) * 2); });

  const int32_t block = kernels_->depthwise_channels;
  const int64_t block_bytes = kernels_->depthwise_bytes(conv.taps_h, conv.taps_w);
  const int64_t width = bands_.width() * conv.in_c;
  DepthwiseTile tile{.x = nullptr,
                     .step = int64_t{conv.stride_w} * conv.in_c * together_,
                     .row_step = conv.dilation_h * width,
                     .column_step = int64_t{conv.dilation_w} * conv.in_c,
                     .taps_h = conv.taps_h,
                     .taps_w = conv.taps_w,
                     .pixels = 0,
                     .weights = nullptr,
                     .sums = sums};
  const auto* row = reinterpret_cast<const int16_t*>(scratch);
  for (int32_t y = band.first; y < band.last; ++y, row += conv.stride_h * width) {
    for (int32_t p = 0, count; p < conv.out_w; p += count) {
      count = std::min(kPixels * together_, conv.out_w - p);
      tile.pixels = (count + together_ - 1) / together_;
      for (int32_t c = 0; c < conv.out_c; c += block) {
        tile.x = row + int64_t{p} * conv.stride_w * conv.in_c + c;
        tile.weights = packed + c / block * block_bytes;
        kernels_->depthwise(tile);
        emit.call(emit.self, {.sums = sums,
                              .stride = block / together_,
                              .totals = nullptr,
                              .rows = count,
                              .channels = std::min(block, conv.out_c - c),
                              .pixel = (int64_t{band.batch} * conv.out_h + y) * conv.out_w + p,
                              .channel = c,
                              .slot = c});
      }
    }
  }
}

}  // namespace tulle::kernels
