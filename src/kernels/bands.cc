// How large a band is, and where its pixels lie.
#include "kernels/bands.h"

#include <algorithm>

namespace tulle::kernels {
namespace {

/// Loads reach past the last value by less than this.
constexpr size_t kSlack = 64;

/// A convolution of one tap has no rows: each pixel of the batch is one, so that a band may be any range of them.
Conv2d flattened(Conv2d conv) {
  if (!conv.pointwise()) return conv;
  conv.in_h = conv.out_h = static_cast<int32_t>(conv.pixels());
  conv.batches = conv.in_w = conv.out_w = 1;
  return conv;
}

}  // namespace

Bands::Bands(const Conv2d& conv, const Cut& cut) : conv_(flattened(conv)), element_(cut.element) {
  width_ = int64_t{conv_.out_w - 1} * conv_.stride_w + int64_t{conv_.taps_w - 1} * conv_.dilation_w + 1;
  padded_ = conv_.pad_h > 0 || conv_.pad_w > 0 || width_ > conv_.in_w ||
            int64_t{conv_.out_h - 1} * conv_.stride_h + int64_t{conv_.taps_h - 1} * conv_.dilation_h + 1 > conv_.in_h;

  sensible_ = width_ <= 4 * int64_t{conv_.in_w} + 256 && conv_.dilation_h <= conv_.in_h + 256;
  if (!padded_) width_ = conv_.in_w;

  // Each panel of weights reads a band once and writes a strip of its outputs, so both should stay in the first cache
  // where weights are small; where they are not, fewer bands read them fewer times.
  const int64_t target = std::clamp<int64_t>(cut.weights / 4, 24 << 10, 512 << 10);
  const int64_t row_bytes = width_ * conv_.in_c * element_,
                out_bytes = int64_t{conv_.out_w} * conv_.out_c * cut.out_element;
  const int64_t extra = int64_t{conv_.taps_h - 1} * conv_.dilation_h + 1 - conv_.stride_h;
  const int64_t fitting = (target - extra * row_bytes) / std::max<int64_t>(conv_.stride_h * row_bytes + out_bytes, 1);
  // None so thin that most of its input is read again by the next, or that weights are read for a few pixels.
  const int64_t thin = conv_.taps_h > 1 ? 2 * (conv_.taps_h - 1) : 48;
  unit_ = conv_.pointwise() ? cut.rows : 1;
  const int64_t units = (int64_t{conv_.out_h} + unit_ - 1) / unit_;
  const auto bands_of = [&](int64_t rows) { return (units + rows / unit_ - 1) / std::max<int64_t>(rows / unit_, 1); };
  int64_t bands = bands_of(std::max({fitting, thin / 2, int64_t{unit_}}));
  splits_ = 1;
  if (cut.workers > 1) {
    // Several tasks a worker, so that one that is held up leaves the others something to take over. All workers want
    // large weights from the same memory; those are parted, and each part read by one of them.
    constexpr int64_t kTasks = 4;
    const int64_t in_bytes = row_bytes * conv_.in_h, all_out = out_bytes * conv_.out_h;
    const int64_t batches = std::max(conv_.batches, 1), wanted = (kTasks * cut.workers + batches - 1) / batches;
    if (cut.weights < in_bytes + all_out) {
      const int64_t more = std::min(wanted, bands_of(std::max(thin, int64_t{unit_})));
      bands = std::max({bands, more, std::min<int64_t>(cut.workers, units)});
      bands = std::min((bands + cut.workers - 1) / cut.workers * cut.workers, units);
    }
    const int64_t tasks = std::max<int64_t>(bands * batches, 1),
                  few = cut.copies || padded_ ? cut.workers : kTasks * cut.workers;
    if (tasks < few) splits_ = static_cast<int32_t>(std::clamp<int64_t>(few / tasks, 1, cut.panels));
  }
  per_image_ = static_cast<int32_t>(bands);
  rows_ = static_cast<int32_t>(bands == 0 ? 0 : (units + bands - 1) / bands * unit_);
  const int64_t in_rows = int64_t{rows_ - 1} * conv_.stride_h + int64_t{conv_.taps_h - 1} * conv_.dilation_h + 1;
  bytes_ = static_cast<uint64_t>(in_rows * row_bytes) + kSlack;

  const bool merged = cut.merge && conv_.merges();
  term_depth_ = static_cast<int32_t>(merged ? conv_.taps_w * conv_.in_c : conv_.depth());
  for (int32_t row = 0; row < conv_.taps_h; ++row)
    for (int32_t column = 0; column < (merged ? 1 : conv_.taps_w); ++column)
      terms_.push_back((int64_t{row} * conv_.dilation_h * width_ + int64_t{column} * conv_.dilation_w) * conv_.in_c *
                       element_);
}

Band Bands::band(int32_t index) const {
  const int64_t units = (int64_t{conv_.out_h} + unit_ - 1) / unit_, i = index % per_image_;
  const auto at = [&](int64_t edge) {
    return static_cast<int32_t>(std::min<int64_t>(units * edge / per_image_ * unit_, conv_.out_h));
  };
  return {index / per_image_, at(i), at(i + 1)};
}

void Bands::point(const Band& band, const uint8_t* base, const uint8_t** rows) const {
  const int64_t pixel = element_ * conv_.in_c;
  const auto line = [&](const uint8_t* at, int32_t count, int64_t step) {
    for (int32_t i = 0; i < count; ++i) rows[i] = at + i * step;
    rows += count;
  };
  if (conv_.out_w == 1) return line(base, band.last - band.first, conv_.stride_h * width_ * pixel);
  for (int32_t y = 0; y < band.last - band.first; ++y)
    line(base + y * conv_.stride_h * width_ * pixel, conv_.out_w, conv_.stride_w * pixel);
}

}  // namespace tulle::kernels
