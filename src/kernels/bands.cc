// How large a band is, and where its pixels lie.
#include "kernels/bands.h"

#include <algorithm>

namespace tulle::kernels {
namespace {

/// Loads reach past the last value by less than this.
constexpr size_t kSlack = 64;

/// Pixels that every set's tiles divide.
constexpr int64_t kWhole = 24;

/// A convolution of one tap has no rows: each pixel of the batch is one, so that a band may be any range of them.
Conv2d flattened(Conv2d conv) {
  if (!conv.pointwise()) return conv;
  conv.in_h = conv.out_h = static_cast<int32_t>(conv.pixels());
  conv.batches = conv.in_w = conv.out_w = 1;
  return conv;
}

}  // namespace

Bands::Bands(const Conv2d& conv, int64_t element, int64_t out_element, int64_t weights, int workers, bool merge)
    : conv_(flattened(conv)), element_(element) {
  width_ = int64_t{conv_.out_w - 1} * conv_.stride_w + int64_t{conv_.taps_w - 1} * conv_.dilation_w + 1;
  padded_ = conv_.pad_h > 0 || conv_.pad_w > 0 || width_ > conv_.in_w ||
            int64_t{conv_.out_h - 1} * conv_.stride_h + int64_t{conv_.taps_h - 1} * conv_.dilation_h + 1 > conv_.in_h;

  sensible_ = width_ <= 4 * int64_t{conv_.in_w} + 256 && conv_.dilation_h <= conv_.in_h + 256;
  if (!padded_) width_ = conv_.in_w;

  // Each panel of weights reads a band once and writes a strip of its outputs, so both should stay in the first cache
  // where weights are small; where they are not, fewer bands read them fewer times.
  const int64_t target = std::clamp<int64_t>(weights / 4, 24 << 10, 256 << 10);
  const int64_t row_bytes = width_ * conv_.in_c * element_,
                out_bytes = int64_t{conv_.out_w} * conv_.out_c * out_element;
  const int64_t extra = int64_t{conv_.taps_h - 1} * conv_.dilation_h + 1 - conv_.stride_h;
  const int64_t fitting = (target - extra * row_bytes) / std::max<int64_t>(conv_.stride_h * row_bytes + out_bytes, 1);
  // Several bands a worker, so that one that is held up leaves the others something to take over, but none so thin
  // that most of its input is read again by the next.
  const int64_t thin = conv_.taps_h > 1 ? 2 * (conv_.taps_h - 1) : 48;
  int64_t rows = std::max(fitting, std::max<int64_t>(thin / 2, 1));
  if (workers > 1) {
    constexpr int64_t kBands = 4;
    const int64_t all = int64_t{conv_.out_h} * conv_.batches, share = (all + workers - 1) / workers;
    rows = std::min({rows, std::max(share / kBands, thin), std::max<int64_t>(share, 1)});
  }
  if (conv_.pointwise() && rows > kWhole) rows = rows / kWhole * kWhole;
  rows = std::clamp<int64_t>(rows, 1, std::max(conv_.out_h, 1));
  per_image_ = static_cast<int32_t>((conv_.out_h + rows - 1) / rows);
  if (workers > 1) per_image_ = std::min((per_image_ + workers - 1) / workers * workers, std::max(conv_.out_h, 1));
  rows_ = per_image_ == 0 ? 0 : (conv_.out_h + per_image_ - 1) / per_image_;
  if (rows_ > 0) per_image_ = (conv_.out_h + rows_ - 1) / rows_;
  const int64_t in_rows = int64_t{rows_ - 1} * conv_.stride_h + int64_t{conv_.taps_h - 1} * conv_.dilation_h + 1;
  bytes_ = static_cast<size_t>(in_rows * row_bytes) + kSlack;

  const bool merged = merge && conv_.merges();
  term_depth_ = static_cast<int32_t>(merged ? conv_.taps_w * conv_.in_c : conv_.depth());
  for (int32_t row = 0; row < conv_.taps_h; ++row)
    for (int32_t column = 0; column < (merged ? 1 : conv_.taps_w); ++column)
      terms_.push_back((int64_t{row} * conv_.dilation_h * width_ + int64_t{column} * conv_.dilation_w) * conv_.in_c *
                       element_);
}

Band Bands::band(int32_t index) const {
  const int32_t batch = index / per_image_, first = index % per_image_ * rows_;
  return {batch, first, std::min(first + rows_, conv_.out_h)};
}

void Bands::point(const Band& band, const uint8_t* base, const uint8_t** rows) const {
  const int64_t pixel = element_ * conv_.in_c;
  for (int32_t y = 0; y < band.last - band.first; ++y)
    for (int32_t x = 0; x < conv_.out_w; ++x)
      *rows++ = base + (int64_t{y} * conv_.stride_h * width_ + int64_t{x} * conv_.stride_w) * pixel;
}

}  // namespace tulle::kernels
