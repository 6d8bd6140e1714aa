// Bands: a convolution cut into ranges of output rows, each with its part of the input in a worker's own memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/after.h"

namespace tulle::kernels {

/// Bytes of a part of a worker's memory, so that the next one is aligned to a cache line.
inline int64_t align(int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// Bytes of packed weights that one thread has written before others have begun.
inline constexpr size_t kPackedAlone = 32 << 10;

/// A two-dimensional convolution of NHWC images. Filters see in_c / groups channels.
struct Conv2d {
  int32_t batches = 1, in_h = 1, in_w = 1, in_c = 1, out_h = 1, out_w = 1, out_c = 1;
  int32_t taps_h = 1, taps_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, pad_h = 0, pad_w = 0;
  int32_t groups = 1;

  bool pointwise() const {
    return taps_h == 1 && taps_w == 1 && stride_h == 1 && stride_w == 1 && pad_h == 0 && pad_w == 0;
  }
  int64_t pixels() const { return int64_t{batches} * out_h * out_w; }
  int64_t depth() const { return in_c / groups; }
  /// Whether neighbouring taps of a row lie side by side in memory.
  bool merges() const { return groups == 1 && dilation_w == 1; }
};

/// Output rows first…last-1 of one image.
struct Band {
  int32_t batch, first, last;
};

/// What a convolution is cut for.
struct Cut {
  int64_t element, out_element;  ///< bytes of an activation in a band and of an output
  int64_t weights;               ///< bytes of packed weights
  int64_t panels;                ///< parts that weights can be cut into
  int32_t rows;                  ///< of a tile
  int workers;                   ///< threads to keep busy
  bool merge;                    ///< the taps of a row may be read as one run
  bool copies;                   ///< inputs are copied even where they need no padding
};

class Bands {
 public:
  Bands(const Conv2d& conv, const Cut& cut);

  const Conv2d& conv() const { return conv_; }
  int32_t count() const { return conv_.batches * per_image_; }
  Band band(int32_t index) const;
  /// Calls f(Band) for parts of a range of output pixels, whole rows of one image, each no larger than a band.
  template <class F>
  void each(int64_t first, int64_t count, F f) const {
    const auto last = static_cast<int32_t>((first + count) / conv_.out_w);
    for (auto row = static_cast<int32_t>(first / conv_.out_w), end = row; row < last; row = end)
      f(Band{0, row, end = row + rows_ < last ? row + rows_ : last});
  }
  /// Parts of the panels: each band with each part is a task.
  int32_t splits() const { return splits_; }
  int32_t tasks() const { return count() * splits_; }
  /// Most output pixels of a band.
  int64_t pixels() const { return int64_t{rows_} * conv_.out_w; }
  /// Whether padding is no large multiple of the input, as some dilations make it.
  bool sensible() const { return sensible_; }
  /// Bytes of a band's input, with room for loads that reach past its end.
  uint64_t bytes() const { return bytes_; }
  /// Whether a filter reaches outside the image; else the input may be read where it lies.
  bool padded() const { return padded_; }

  /// Pixels of a row of a band's input.
  int64_t width() const { return width_; }

  /// Runs of input that a filter reads: their offsets in bytes from an output pixel's first tap, and their values.
  const std::vector<int64_t>& terms() const { return terms_; }
  int32_t term_depth() const { return term_depth_; }

  /// Fills `out` with a band's input rows. `copy(row, values, to)` brings values from the first column of input row
  /// `row` (of all images) on, where they are wanted whole those of several rows that lie in the same `rows_each`;
  /// `blank(values, to)` writes as many values of padding.
  template <class Copy, class Blank>
  void fill(const Band& band, int64_t rows_each, uint8_t* out, Copy copy, Blank blank) const {
    const int64_t pixel = element_ * conv_.in_c;
    const int32_t rows = (band.last - band.first - 1) * conv_.stride_h + (conv_.taps_h - 1) * conv_.dilation_h + 1;
    if (!padded_) {
      int64_t row = int64_t{band.batch} * conv_.in_h + int64_t{band.first} * conv_.stride_h;
      for (int64_t left = rows, some; left > 0; left -= some, row += some, out += some * width_ * pixel) {
        some = rows_each - row % rows_each;
        if (some > left) some = left;
        copy(row, some * width_ * conv_.in_c, out);
      }
      return;
    }
    for (int32_t i = 0; i < rows; ++i, out += width_ * pixel) {
      const int64_t y = int64_t{band.first} * conv_.stride_h - conv_.pad_h + i;
      if (y < 0 || y >= conv_.in_h) {
        blank(width_ * conv_.in_c, out);
        continue;
      }
      const int64_t left = conv_.pad_w < width_ ? conv_.pad_w : width_;
      const int64_t columns = width_ - left < conv_.in_w ? width_ - left : conv_.in_w;
      if (left > 0) blank(left * conv_.in_c, out);
      copy(int64_t{band.batch} * conv_.in_h + y, columns * conv_.in_c, out + left * pixel);
      if (left + columns < width_) blank((width_ - left - columns) * conv_.in_c, out + (left + columns) * pixel);
    }
  }

  /// Where a band begins in an input that is not padded().
  const uint8_t* inside(const Band& band, const uint8_t* input) const {
    return input +
           (int64_t{band.batch} * conv_.in_h + int64_t{band.first} * conv_.stride_h) * width_ * conv_.in_c * element_;
  }
  /// Writes a pointer for each output pixel of a band that begins at `base`.
  void point(const Band& band, const uint8_t* base, const uint8_t** rows) const;
  /// The band's first output pixel among all images'.
  int64_t first_pixel(const Band& band) const { return (int64_t{band.batch} * conv_.out_h + band.first) * conv_.out_w; }
  /// Says that all channels of a band are there.
  void finished(int32_t index, const After& after) const {
    const Band band = this->band(index);
    after.call(after.self, first_pixel(band) * conv_.out_c, pixels(band) * conv_.out_c);
  }
  int64_t pixels(const Band& band) const { return int64_t{band.last - band.first} * conv_.out_w; }

 private:
  Conv2d conv_;
  int64_t element_, width_;
  int32_t unit_, rows_, per_image_, splits_, term_depth_;  ///< unit: rows that are not parted
  uint64_t bytes_;
  bool padded_, sensible_;
  std::vector<int64_t> terms_;
};

}  // namespace tulle::kernels
