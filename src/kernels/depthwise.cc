// The loops around depthwise tiles.
#include "kernels/depthwise.h"

#include <algorithm>
#include <cstring>

namespace tulle::kernels {
namespace {

constexpr int32_t kPixels = 8;  ///< output pixels of a tile: enough to load factors once for several

int64_t align(int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// As many input channels as output ones: a channel that feeds several is repeated.
Conv2d repeated(Conv2d conv) {
  conv.in_c = conv.groups = conv.out_c;
  return conv;
}

/// Repeats each of `count` elements `each` times; they lie at the end of the room for the result.
template <class T>
void repeat(T* out, int64_t count, int64_t each) {
  const T* from = out + count * (each - 1);
  for (int64_t i = 0; i < count; ++i) {
    const T value = from[i];
    for (int64_t j = 0; j < each; ++j) *out++ = value;
  }
}

}  // namespace

Depthwise::Depthwise(const Kernels& kernels, const Conv2d& conv, Bytes8 activations, int workers)
    : kernels_(&kernels),
      activations_(activations),
      workers_(workers),
      each_(conv.out_c / conv.in_c),
      bands_(repeated(conv), kernels.group == 2 ? 2 : 1, 0, workers, false) {
  worker_bytes_ = static_cast<size_t>(align(static_cast<int64_t>(bands_.bytes())) + align(bands_.pixels() * 8) +
                                      align(int64_t{kPixels} * kernels.depthwise_channels * 4));
}

int64_t Depthwise::blocks() const {
  return (bands_.conv().out_c + kernels_->depthwise_channels - 1) / kernels_->depthwise_channels;
}

size_t Depthwise::packed_bytes() const {
  const int64_t bytes = blocks() * kernels_->depthwise_bytes(static_cast<int32_t>(bands_.terms().size()));
  return static_cast<size_t>(align(bytes) + (kernels_->group == 4 ? int64_t{bands_.conv().out_c} * 4 : 0));
}

const int32_t* Depthwise::weight_sums(const std::byte* packed) const {
  if (kernels_->group != 4) return nullptr;
  const int64_t bytes = blocks() * kernels_->depthwise_bytes(static_cast<int32_t>(bands_.terms().size()));
  return reinterpret_cast<const int32_t*>(packed + align(bytes));
}

template <class W>
void Depthwise::pack(const W* weights, int32_t zero_point, std::byte* packed) const {
  const int32_t channels = bands_.conv().out_c, block = kernels_->depthwise_channels;
  const auto terms = static_cast<int32_t>(bands_.terms().size());
  auto* sums = const_cast<int32_t*>(weight_sums(packed));
  std::vector<int16_t> taps(static_cast<size_t>(block) * static_cast<size_t>(terms));
  for (int32_t c = 0; c < channels; c += block) {
    const int32_t width = std::min(block, channels - c);
    for (int32_t t = 0; t < terms; ++t)
      for (int32_t i = 0; i < width; ++i) {
        const auto w = static_cast<int16_t>(weights[int64_t{t} * channels + c + i] - zero_point);
        taps[static_cast<size_t>(t * block + i)] = w;
        if (sums != nullptr) sums[c + i] = (t == 0 ? 0 : sums[c + i]) + w;
      }
    kernels_->pack_depthwise(taps.data(), block, terms, width, packed + c / block * kernels_->depthwise_bytes(terms));
  }
}

template void Depthwise::pack(const int8_t*, int32_t, std::byte*) const;
template void Depthwise::pack(const uint8_t*, int32_t, std::byte*) const;

void Depthwise::run(const void* x, const int32_t* zero_points, int64_t rows_each, const std::byte* packed,
                    std::byte* scratch, ThreadPool* pool, Emit emit) const {
  parallel(pool, bands_.count(), [&](int32_t index, int worker) {
    band(index, static_cast<const uint8_t*>(x), zero_points, rows_each, packed,
         scratch + worker_bytes_ * static_cast<size_t>(worker), emit);
  });
}

void Depthwise::band(int32_t index, const uint8_t* x, const int32_t* zero_points, int64_t rows_each,
                     const std::byte* packed, std::byte* scratch, Emit emit) const {
  const Conv2d& conv = bands_.conv();
  const Band band = bands_.band(index);
  auto* values = reinterpret_cast<uint8_t*>(scratch);
  const auto** rows = reinterpret_cast<const uint8_t**>(scratch + align(static_cast<int64_t>(bands_.bytes())));
  auto* sums = reinterpret_cast<int32_t*>(reinterpret_cast<std::byte*>(rows) + align(bands_.pixels() * 8));
  const int64_t row_values = int64_t{conv.in_w} * conv.in_c / each_;
  const int32_t blank = inner_zero(zero_points[(int64_t{band.batch} * conv.in_h) / rows_each]);
  const int64_t element = kernels_->group == 2 ? 2 : 1;
  bands_.fill(
      band, values,
      [&](int64_t row, int64_t count, uint8_t* to) {
        const int32_t zero = zero_points[row / rows_each];
        const int64_t own = count / each_;
        uint8_t* end = to + (count - own) * element;
        if (activations_ == Bytes8::kInt8)
          kernels_->expand_i8(reinterpret_cast<const int8_t*>(x) + row * row_values, own, zero, end);
        else
          kernels_->expand_u8(x + row * row_values, own, zero, end);
        if (each_ == 1) return;
        if (element == 2)
          repeat(reinterpret_cast<int16_t*>(to), own, each_);
        else
          repeat(to, own, each_);
      },
      [&](int64_t count, uint8_t* to) { std::memset(to, blank, static_cast<size_t>(count * element)); });
  bands_.point(band, values, rows);

  const auto pixels = static_cast<int32_t>(bands_.pixels(band));
  const int32_t block = kernels_->depthwise_channels;
  const auto terms = static_cast<int32_t>(bands_.terms().size());
  for (int32_t p = 0; p < pixels; p += kPixels) {
    const int32_t count = std::min(kPixels, pixels - p);
    for (int32_t c = 0; c < conv.out_c; c += block) {
      kernels_->depthwise({.rows = rows + p,
                           .offsets = bands_.terms().data(),
                           .skip = c * element,
                           .terms = terms,
                           .pixels = count,
                           .weights = packed + c / block * kernels_->depthwise_bytes(terms),
                           .sums = sums});
      emit.call(emit.self, {.sums = sums,
                            .stride = block,
                            .totals = nullptr,
                            .rows = count,
                            .channels = std::min(block, conv.out_c - c),
                            .pixel = bands_.first_pixel(band) + p,
                            .channel = c,
                            .slot = c});
    }
  }
}

}  // namespace tulle::kernels
