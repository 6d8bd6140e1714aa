// The loops around transforms and products.
#include "kernels/int_winograd.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tulle::kernels {
namespace {

constexpr int32_t kSide = 4, kWide = kSide + 2, kPlaces = kWide * kWide, kOutputs = kSide * kSide;
constexpr int32_t kTogether = 6;                 ///< squares that are handed on together
constexpr int64_t kLine = 64 / sizeof(int16_t);  ///< elements of a cache line

int32_t squares_of(int32_t size) { return (size + kSide - 1) / kSide; }

int64_t rounded(int64_t size, int64_t unit) { return (size + unit - 1) / unit * unit; }

int32_t parts_of(int32_t all, int32_t most) { return (all + most - 1) / most; }

/// Part i of so many, as even as can be, begins here.
int32_t edge(int32_t all, int32_t i, int32_t parts) { return static_cast<int32_t>(int64_t{all} * i / parts); }

}  // namespace

bool IntWinograd::fits(const Kernels& kernels, const Conv2d& conv) {
  // Pairs of weights must not reach from one tap to the next.
  constexpr int32_t kMostChannels = 4096;
  return kernels.squares != nullptr && conv.taps_h == 3 && conv.taps_w == 3 && conv.stride_h == 1 &&
         conv.stride_w == 1 && conv.dilation_h == 1 && conv.dilation_w == 1 && conv.groups == 1 && conv.in_c % 2 == 0 &&
         conv.in_c <= kMostChannels;
}

bool IntWinograd::pays(const Kernels& kernels, const Conv2d& conv) {
  // What takes as long as so many products: to transform an input or an output channel of a square, what else there is
  // to a square, and to transform a filter.
  constexpr int64_t kInput = 210, kOutput = 290, kSquare = 8000, kFilter = 100;
  constexpr int64_t kSquares = 40;  // for which filters are transformed once
  const int64_t lanes = kernels.lanes, in = rounded(conv.in_c, 2 * lanes), out = rounded(conv.out_c, lanes);
  const int64_t squares = int64_t{squares_of(conv.out_h)} * squares_of(conv.out_w), products = conv.in_c * out;
  const int64_t by_squares = squares * (kPlaces * products + kInput * in + kOutput * out + kSquare) +
                             (squares + kSquares - 1) / kSquares * kFilter * products;
  const int64_t plain = int64_t{conv.out_h} * conv.out_w * 9 * products;
  return by_squares * 5 / 4 < plain;
}

namespace {

/// Most input channels of a block, an even number, for weights with this zero point: its sums are below 2^25, which is
/// 2^31 / the part of 24 * 24 that is a power of two.
int32_t channels_of_block(int32_t w_zero) {
  const int32_t largest = 9 * 255 * (128 + std::abs(w_zero));  // that one channel adds
  return ((1 << 25) - 1) / largest / 2 * 2;
}

}  // namespace

IntWinograd::IntWinograd(const Kernels& kernels, const Conv2d& conv, Bytes8 activations, int32_t w_zero, int workers)
    : kernels_(&kernels),
      conv_(conv),
      activations_(activations),
      w_zero_(w_zero),
      workers_(workers),
      down_(squares_of(conv.out_h)),
      across_(squares_of(conv.out_w)) {
  const int32_t vectors = parts_of(conv.out_c, kernels.lanes);
  panels_ = parts_of(vectors, kernels.int_vectors);
  last_vectors_ = vectors - (panels_ - 1) * kernels.int_vectors;
  // An odd number of cache lines, so that the places of a square do not lie in the same few sets of the first cache.
  step_ = (rounded(conv.in_c, kLine) / kLine | 1) * kLine;

  const int32_t blocks = parts_of(conv.in_c, channels_of_block(w_zero));
  block_ = parts_of(parts_of(conv.in_c, blocks), 2) * 2;

  // Transformed inputs, products and sums of a panel stay in the second cache, beside the filters of a block.
  constexpr int64_t kNear = 384 << 10;
  const int64_t square_bytes = kPlaces * 2 * conv.in_c + (kPlaces + kOutputs) * 4 * int64_t{width()};
  const auto most = static_cast<int32_t>(std::max<int64_t>(kNear / square_bytes, kernels.int_rows));
  parts_across_ = parts_of(across_, most);
  parts_down_ = parts_across_ > 1 ? down_ : parts_of(down_, std::max(most / across_, 1));
  splits_ = 1;
  if (workers > 1) {
    // Several tasks a worker, but none so small that transforming filters or inputs again costs much.
    constexpr int32_t kTasks = 4, kFewSquares = 24, kFewChannels = 64;
    const int32_t wanted = kTasks * workers;
    const int32_t others = static_cast<int32_t>(std::min(int64_t{conv.batches} * parts_across_, int64_t{wanted}));
    const int32_t finer = static_cast<int32_t>(int64_t{down_} * across_ / parts_across_ / kFewSquares);
    parts_down_ = std::max(parts_down_, std::min({parts_of(wanted, others), finer, down_}));
    const int64_t tasks = int64_t{parts_down_} * parts_across_ * conv.batches;
    if (tasks < wanted)
      splits_ = std::clamp(static_cast<int32_t>(wanted / tasks), 1, std::max(panels_ * width() / kFewChannels, 1));
    splits_ = std::min(splits_, panels_);
  }
  strips_ = parts_of(down_, parts_down_);
  squares_ = strips_ * parts_of(across_, parts_across_);

  inputs_ = static_cast<uint64_t>((1 + kPlaces) * align(conv.in_c));  // behind single pixels
  filters_ = inputs_ + static_cast<uint64_t>(align(squares_ * kPlaces * step_ * 2));
  products_ = filters_ + static_cast<uint64_t>(align(kPlaces * (int64_t{block_} * width() + kLine) * 2));
  sums_ = products_ + static_cast<uint64_t>(align(int64_t{squares_} * kPlaces * width() * 4));
  worker_bytes_ = sums_ + static_cast<uint64_t>(align(int64_t{squares_} * kOutputs * width() * 4));
}

void IntWinograd::run(const void* x, int32_t zero_point, std::byte* scratch, ThreadPool* pool, Emit emit) const {
  parallel(pool, conv_.batches * parts_down_ * parts_across_ * splits_, [&](int32_t task, int worker) {
    const int32_t split = task % splits_, column = task / splits_ % parts_across_;
    const int32_t row = task / splits_ / parts_across_ % parts_down_;
    area({.batch = task / splits_ / parts_across_ / parts_down_,
          .top = edge(down_, row, parts_down_) * kSide,
          .bottom = std::min(edge(down_, row + 1, parts_down_) * kSide, conv_.out_h),
          .left = edge(across_, column, parts_across_),
          .right = edge(across_, column + 1, parts_across_)},
         edge(panels_, split, splits_), edge(panels_, split + 1, splits_), static_cast<const uint8_t*>(x), zero_point,
         scratch + worker_bytes_ * static_cast<size_t>(worker), emit);
  });
}

void IntWinograd::run_rows(const void* x, int32_t zero_point, std::byte* scratch, int worker, int64_t first,
                           int64_t count, Emit emit) const {
  const auto last = static_cast<int32_t>((first + count) / conv_.out_w);
  for (auto row = static_cast<int32_t>(first / conv_.out_w), end = row; row < last; row = end) {
    end = std::min(row + strips_ * kSide, last);
    for (int32_t i = 0; i < parts_across_; ++i)
      area({0, row, end, edge(across_, i, parts_across_), edge(across_, i + 1, parts_across_)}, 0, panels_,
           static_cast<const uint8_t*>(x), zero_point, scratch + worker_bytes_ * static_cast<size_t>(worker), emit);
  }
}

void IntWinograd::area(const Area& area, int32_t first_panel, int32_t last_panel, const uint8_t* x, int32_t zero_point,
                       std::byte* scratch, const Emit& emit) const {
  auto* inputs = reinterpret_cast<int16_t*>(scratch + inputs_);
  auto* products = reinterpret_cast<int32_t*>(scratch + products_);
  transform_inputs(area, x, zero_point, reinterpret_cast<uint8_t*>(scratch), inputs);
  for (int32_t panel = first_panel; panel < last_panel; ++panel)
    for (int32_t channel = 0; channel < conv_.in_c; channel += block_) {
      multiply(inputs, area.count(), panel, channel, reinterpret_cast<int16_t*>(scratch + filters_), products);
      finish(area, panel, channel, products, reinterpret_cast<int32_t*>(scratch + sums_), emit);
    }
  if (emit.after == nullptr) return;
  const int32_t left = area.left * kSide, right = std::min(area.right * kSide, conv_.out_w);
  const int64_t columns = right - left, channels = conv_.out_c;
  // Rows that lie side by side at once.
  const int32_t rows = columns == conv_.out_w ? area.bottom - area.top : 1;
  for (int32_t row = area.top; row < area.bottom; row += rows)
    emit.after->call(emit.after->self, ((area.batch * conv_.out_h + row) * conv_.out_w + left) * channels,
                     rows * columns * channels);
}

void IntWinograd::transform_inputs(const Area& area, const uint8_t* x, int32_t zero_point, uint8_t* blank,
                                   int16_t* out) const {
  const int64_t channels = conv_.in_c, room = align(channels);
  std::memset(blank, zero_point, static_cast<size_t>(room));
  // Of a chain's input, rows beyond those that these outputs need are not there.
  const int32_t end = std::min(conv_.in_h, area.bottom + 2 - conv_.pad_h);
  const int64_t last = (area.batch * conv_.in_h + end) * conv_.in_w * channels - rounded(channels, 2 * kernels_->lanes);
  std::array<const uint8_t*, kPlaces> pixels;
  for (int32_t top = area.top - conv_.pad_h; top < area.bottom - conv_.pad_h; top += kSide)
    for (int32_t s = area.left; s < area.right; ++s, out += kPlaces * step_) {
      for (int32_t place = 0; place < kPlaces; ++place) {
        const int32_t row = top + place / kWide, column = s * kSide - conv_.pad_w + place % kWide;
        const uint8_t*& pixel = pixels[static_cast<size_t>(place)];
        pixel = blank;
        if (row < 0 || row >= end || column < 0 || column >= conv_.in_w) continue;
        const int64_t at = ((area.batch * conv_.in_h + row) * conv_.in_w + column) * channels;
        pixel = x + at;
        if (at <= last) continue;
        // Whole vectors would reach past the end of the input.
        uint8_t* copy = blank + (1 + place) * room;
        std::memcpy(copy, pixel, static_cast<size_t>(channels));
        pixel = copy;
      }
      if (activations_ == Bytes8::kInt8)
        kernels_->squares->input_i8(reinterpret_cast<const int8_t* const*>(pixels.data()), conv_.in_c, zero_point, out,
                                    step_);
      else
        kernels_->squares->input_u8(pixels.data(), conv_.in_c, zero_point, out, step_);
    }
}

void IntWinograd::multiply(const int16_t* inputs, int32_t squares, int32_t panel, int32_t channel, int16_t* filters,
                           int32_t* products) const {
  const SquareKernels& with = *kernels_->squares;
  const int32_t vectors = this->vectors(panel), wide = vectors * kernels_->lanes;
  const int32_t depth = std::min(block_, conv_.in_c - channel);
  const int64_t count = int64_t{depth} * wide, step = count + kLine;
  const int8_t* taps = packed_ + int64_t{9} * conv_.in_c * panel * width() + int64_t{channel} * wide;
  with.filters(taps, int64_t{conv_.in_c} * wide, count, w_zero_, filters, step);
  const int32_t tiles = parts_of(squares, kernels_->int_rows);
  for (int32_t place = 0; place < kPlaces; ++place)
    for (int32_t i = 0; i < tiles; ++i) {
      const int32_t first = edge(squares, i, tiles), rows = edge(squares, i + 1, tiles) - first;
      with.tiles[(rows - 1) * kernels_->int_vectors + vectors - 1](
          {.x = inputs + (int64_t{first} * kPlaces + place) * step_ + channel,
           .x_step = kPlaces * step_,
           .pairs = depth / 2,
           .weights = filters + place * step,
           .sums = products + (int64_t{first} * kPlaces + place) * wide,
           .sums_step = int64_t{kPlaces} * wide});
    }
}

void IntWinograd::finish(const Area& area, int32_t panel, int32_t channel, const int32_t* products, int32_t* sums,
                         const Emit& emit) const {
  const int32_t wide = vectors(panel) * kernels_->lanes, first = panel * width();
  for (int32_t top = area.top; top < area.bottom; top += kSide)
    for (int32_t s = area.left, some; s < area.right; s += some, sums += int64_t{some} * kOutputs * wide) {
      some = std::min(kTogether, area.right - s);
      const int64_t row_step = int64_t{some} * kSide * wide;
      for (int32_t i = 0; i < some; ++i, products += kPlaces * wide)
        kernels_->squares->output(products, wide, sums + int64_t{i} * kSide * wide, row_step, channel > 0);
      if (channel + block_ < conv_.in_c) continue;
      const int32_t left = s * kSide;
      for (int32_t row = top; row < std::min(top + kSide, area.bottom); ++row)
        emit.call(emit.self, {.sums = sums + (row - top) * row_step,
                              .stride = wide,
                              .totals = nullptr,
                              .rows = std::min(some * kSide, conv_.out_w - left),
                              .channels = std::min(wide, conv_.out_c - first),
                              .pixel = (area.batch * conv_.out_h + row) * conv_.out_w + left,
                              .channel = first,
                              .slot = first});
    }
}

}  // namespace tulle::kernels
