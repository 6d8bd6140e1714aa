// FloatConv and FloatDepthwise: convolutions of floats, with bias and bounds.
#pragma once

#include "base/after.h"
#include "base/thread_pool.h"
#include "kernels/bands.h"
#include "kernels/kernels.h"

namespace tulle::kernels {

struct FloatOutput {
  float low, high;
  float* y;
  int64_t pitch = 0;  ///< elements between pixels of y; 0: the channels. FloatDepthwise takes no other.
};

class FloatConv {
 public:
  FloatConv(const Kernels& kernels, const Conv2d& conv, int workers);

  bool sensible() const { return bands_.sensible(); }
  /// Bytes of packed weights and bias; pack writes them from [out_c][taps_h][taps_w][in_c / groups]; bias may be null.
  uint64_t packed_bytes() const;
  void pack(const float* weights, const float* bias, std::byte* packed, ThreadPool* pool) const;
  /// The same from [taps_h][taps_w][in_c][out_c], without groups and bias.
  void pack_turned(const float* weights, std::byte* packed, ThreadPool* pool) const;
  uint64_t scratch_bytes() const { return worker_bytes_ * static_cast<uint64_t>(workers_); }
  /// Whether `after` may be other than null.
  bool piece_by_piece() const { return bands_.splits() == 1; }
  void run(const float* x, const std::byte* packed, std::byte* scratch, ThreadPool* pool, const FloatOutput& out,
           const After* after = nullptr) const;
  /// The same of some output pixels, whole rows of one image, as worker `worker`.
  void run_rows(const float* x, const std::byte* packed, std::byte* scratch, int worker, int64_t first, int64_t count,
                const FloatOutput& out) const;

 private:
  /// A part of the panels of a band.
  void band(const Band& band, int64_t first_panel, int64_t last_panel, const float* x, const std::byte* packed,
            std::byte* scratch, const FloatOutput& out) const;

  const Kernels* kernels_;
  int workers_;
  int64_t panel_,
      padded_channels_;  ///< floats of a panel of one vector of channels; channels of a group in whole vectors
  int64_t panels_;       ///< of a group
  Bands bands_;
  std::vector<int64_t> offsets_;  ///< of the terms, in elements
  uint64_t worker_bytes_;
};

/// Channels kept apart; the input is read where it lies, and taps outside of it left out.
class FloatDepthwise {
 public:
  /// conv.out_c == conv.in_c; weights are [taps_h][taps_w][out_c].
  explicit FloatDepthwise(const Conv2d& conv);

  /// Taps first...last-1 of a row or a column of a filter.
  struct Taps {
    int32_t first, last;
    bool operator==(const Taps&) const = default;
  };

  void run(const Kernels& kernels, const float* x, const float* weights, const float* bias, ThreadPool* pool,
           const FloatOutput& out, const After* after) const;
  /// Output row `row` of all images.
  void row(const Kernels& kernels, int64_t row, const float* x, const float* weights, const float* bias,
           const FloatOutput& out) const;

 private:
  /// Columns of the output that see the same taps.
  struct Run {
    int32_t first, last;
    Taps taps;
  };

  Conv2d conv_;
  std::vector<Run> runs_;
};

}  // namespace tulle::kernels
