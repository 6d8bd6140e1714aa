// The loops around depthwise tiles.
#include "kernels/depthwise.h"

#include <algorithm>
#include <cstring>

namespace tulle::kernels {
namespace {

int32_t blocks_of(const DepthwiseForm& form, const Conv2d& conv) {
  return (conv.out_c + form.channels - 1) / form.channels;
}

constexpr int32_t kQuad = 4;

int64_t quads_of(const Conv2d& conv) { return (conv.taps_h + kQuad - 1) / kQuad * int64_t{conv.taps_w}; }

/// The form that multiplies by fewer vectors of weights.
const DepthwiseForm* form_of(const Kernels& kernels, const Conv2d& conv, bool narrow) {
  const DepthwiseForm &pairs = kernels.depthwise_pairs, &quads = kernels.depthwise_quads;
  if (!narrow || quads.channels == 0) return &pairs;
  return quads_of(conv) * kQuad * quads.channels * blocks_of(quads, conv) <
                 kernels.pair_bytes(conv.taps_h, conv.taps_w) * blocks_of(pairs, conv)
             ? &quads
             : &pairs;
}

/// As Kernels::pack_pairs, a block of quads.
void pack_quads(const int16_t* w, int64_t stride, const Conv2d& conv, int32_t channels, int32_t block, std::byte* out) {
  auto* to = reinterpret_cast<int8_t*>(out);
  auto* sums = reinterpret_cast<int32_t*>(out + quads_of(conv) * kQuad * block);
  std::memset(sums, 0, static_cast<size_t>(block) * sizeof *sums);
  for (int32_t row = 0; row < conv.taps_h; row += kQuad)
    for (int32_t j = 0; j < conv.taps_w; ++j)
      for (int32_t c = 0; c < block; ++c)
        for (int32_t i = row; i < row + kQuad; ++i) {
          const bool there = i < conv.taps_h && c < channels;
          const int16_t tap = there ? w[(int64_t{i} * conv.taps_w + j) * stride + c] : int16_t{0};
          sums[c] += tap;
          *to++ = static_cast<int8_t>(tap);
        }
}

/// As many input channels as output ones: a channel that feeds several is repeated. Quads come in whole blocks.
Conv2d filled(const DepthwiseForm& form, bool quads, Conv2d conv) {
  conv.in_c = conv.groups = quads ? blocks_of(form, conv) * form.channels : conv.out_c;
  return conv;
}

int32_t pixels_together(const DepthwiseForm& form, const Conv2d& conv) {
  const int32_t block = form.channels;
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

Depthwise::Depthwise(const Kernels& kernels, const Conv2d& conv, std::optional<Bytes8> activations, bool narrow,
                     int workers)
    : kernels_(&kernels),
      // Rows of a pointwise convolution may have zero points of their own, of which a tile has one.
      form_(form_of(kernels, conv, narrow && activations.has_value() && conv.in_c == conv.out_c && !conv.pointwise())),
      activations_(activations),
      workers_(workers),
      each_(conv.out_c / conv.in_c),
      together_(quads() ? 1 : pixels_together(*form_, conv)),
      bands_(filled(*form_, quads(), conv), {.element = element(),
                                             .out_element = 1,
                                             .weights = 0,
                                             .panels = 1,
                                             .rows = 1,
                                             .workers = workers,
                                             .merge = false,
                                             .copies = true}) {
  worker_bytes_ = static_cast<uint64_t>(align(static_cast<int64_t>(bands_.bytes())) +
                                        align(int64_t{kMostRows} * form_->channels * 4));
}

int64_t Depthwise::block_bytes() const {
  const Conv2d& conv = bands_.conv();
  return quads() ? (quads_of(conv) + 1) * kQuad * form_->channels : kernels_->pair_bytes(conv.taps_h, conv.taps_w);
}

uint64_t Depthwise::packed_bytes() const {
  return static_cast<uint64_t>(blocks_of(*form_, bands_.conv()) * block_bytes());
}

template <class W>
void Depthwise::pack(const W* weights, int32_t zero_point, std::byte* packed, ThreadPool* pool) const {
  const int32_t channels = bands_.conv().out_c, block = form_->channels;
  const int32_t taps_h = bands_.conv().taps_h, taps_w = bands_.conv().taps_w, terms = taps_h * taps_w;
  const int32_t tasks = blocks_of(*form_, bands_.conv());
  parallel(packed_bytes() < kPackedAlone ? nullptr : pool, tasks, [&](int32_t task, int) {
    std::vector<int16_t> taps(static_cast<size_t>(block) * static_cast<size_t>(terms));
    const int32_t c = task * block, width = together_ > 1 ? block : std::min(block, channels - c);
    for (int32_t t = 0; t < terms; ++t)
      for (int32_t i = 0; i < width; ++i)
        taps[static_cast<size_t>(t * block + i)] =
            static_cast<int16_t>(weights[int64_t{t} * channels + (c + i) % channels] - zero_point);
    std::byte* out = packed + task * block_bytes();
    if (quads())
      pack_quads(taps.data(), block, bands_.conv(), width, block, out);
    else
      kernels_->pack_pairs(taps.data(), block, taps_h, taps_w, width, out);
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

void Depthwise::fill(const Band& band, const uint8_t* x, const int32_t* zero_points, int64_t rows_each, int32_t blank,
                     uint8_t* values) const {
  const Conv2d& conv = bands_.conv();
  const auto pad = [&](int64_t count, uint8_t* to) { std::memset(to, blank, static_cast<size_t>(count * element())); };
  if (quads()) {
    const uint8_t flip = flips(*kernels_, *activations_) ? 128 : 0;
    const int64_t row_bytes = int64_t{conv.in_w} * conv.out_c;
    return bands_.fill(
        band, rows_each, values,
        [&](int64_t row, int64_t count, uint8_t* to) {
          kernels_->spread(x + row * row_bytes, count / conv.in_c, conv.out_c, flip, to);
        },
        pad);
  }
  const int64_t row_values = int64_t{conv.in_w} * conv.in_c / each_;
  bands_.fill(
      band, rows_each, values,
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
      pad);
}

void Depthwise::band(const Band& band, const uint8_t* x, const int32_t* zero_points, int64_t rows_each,
                     const std::byte* packed, std::byte* scratch, Emit emit) const {
  const Conv2d& conv = bands_.conv();
  auto* sums = reinterpret_cast<int32_t*>(scratch + align(static_cast<int64_t>(bands_.bytes())));
  const int32_t zero =
      quads() ? inner_zero(*kernels_, *activations_, zero_points[int64_t{band.batch} * conv.in_h / rows_each]) : 0;
  fill(band, x, zero_points, rows_each, zero, reinterpret_cast<uint8_t*>(scratch));

  const int32_t block = form_->channels;
  const int64_t bytes = block_bytes(), each = element();
  const int64_t width = bands_.width() * conv.in_c;
  DepthwiseTile tile{.x = nullptr,
                     .step = int64_t{conv.stride_w} * conv.in_c * together_,
                     .row_step = conv.dilation_h * width,
                     .column_step = int64_t{conv.dilation_w} * conv.in_c,
                     .taps_h = conv.taps_h,
                     .taps_w = conv.taps_w,
                     .pixels = 0,
                     .zero = zero,
                     .weights = nullptr,
                     .sums = sums};
  // Narrow rows are emitted several at once.
  const int32_t lines = together_ == 1 ? std::max(kMostRows / conv.out_w, 1) : 1;
  const std::byte* row = scratch;
  for (int32_t y = band.first, some; y < band.last; y += some, row += some * conv.stride_h * width * each) {
    some = std::min(lines, band.last - y);
    for (int32_t p = 0, count; p < conv.out_w; p += count) {
      count = std::min(kMostRows, conv.out_w - p);
      tile.pixels = (count + together_ - 1) / together_;
      for (int32_t c = 0; c < conv.out_c; c += block) {
        tile.weights = packed + c / block * bytes;
        for (int32_t i = 0; i < some; ++i) {
          tile.x = row + (i * conv.stride_h * width + int64_t{p} * conv.stride_w * conv.in_c + c) * each;
          tile.sums = sums + i * count * block;
          form_->run(tile);
        }
        emit.call(emit.self, {.sums = sums,
                              .stride = block / together_,
                              .totals = nullptr,
                              .rows = some * count,
                              .channels = std::min(block, conv.out_c - c),
                              .pixel = (int64_t{band.batch} * conv.out_h + y) * conv.out_w + p,
                              .channel = c,
                              .slot = c});
      }
    }
  }
}

}  // namespace tulle::kernels
