// WideConv: convolutions of int16 activations and 8-bit weights as exact 64-bit sums, handed on tile by tile.
#pragma once

#include "base/thread_pool.h"
#include "kernels/bands.h"
#include "kernels/kernels.h"

namespace tulle::kernels {

/// A tile of finished sums.
struct WideSums {
  const int64_t* sums;  ///< [rows][stride]
  int64_t stride;
  int32_t rows;  ///< consecutive output pixels
  int32_t channels;
  int64_t pixel;    ///< of the first row, among all images
  int32_t channel;  ///< the first
};

/// What to do with each tile; called from several threads at once, for different tiles.
struct EmitWide {
  void (*call)(const void* self, const WideSums& sums);
  const void* self;
};

class WideConv {
 public:
  WideConv(const Kernels& kernels, const Conv2d& conv, int workers);

  bool sensible() const { return bands_.sensible(); }
  /// Bytes of packed weights; pack writes them from [out_c][taps_h][taps_w][in_c / groups].
  uint64_t packed_bytes() const;
  void pack(const int8_t* weights, std::byte* packed, ThreadPool* pool) const;
  uint64_t scratch_bytes() const { return worker_bytes_ * static_cast<uint64_t>(workers_); }
  void run(const int16_t* x, const std::byte* packed, std::byte* scratch, ThreadPool* pool, EmitWide emit) const;

 private:
  void band(int32_t task, const int16_t* x, const std::byte* packed, std::byte* scratch, EmitWide emit) const;
  int64_t panels() const { return (vectors_ + kernels_->int_vectors - 1) / kernels_->int_vectors; }
  /// Pairs of activations of a filter.
  int64_t pairs() const { return int64_t{term_pairs_} * static_cast<int64_t>(bands_.terms().size()); }
  /// Tiles read pairs: one that is left over is read with what lies behind it, which a copy has.
  bool copied() const { return bands_.padded() || bands_.term_depth() % 2 != 0; }

  const Kernels* kernels_;
  int workers_;
  int64_t vectors_;  ///< of a convolution group's output channels
  Bands bands_;
  int32_t term_pairs_;
  uint64_t worker_bytes_;
};

}  // namespace tulle::kernels
