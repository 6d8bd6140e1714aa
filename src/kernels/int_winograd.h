// IntWinograd: 3x3 convolutions of 8-bit activations and weights with fewer products, by Winograd's minimal filtering,
// as exact 32-bit sums.
#pragma once

#include "base/thread_pool.h"
#include "kernels/int_conv.h"

namespace tulle::kernels {

/// Squares of 4x4 outputs, each made of 6x6 inputs: filters and inputs are transformed, multiplied place by place, and
/// what comes out is transformed back: 36 products instead of 144. The transforms are scaled to whole numbers: what is
/// multiplied fits int16, and what comes out is 24 * 24 times the sum modulo 2^32. That tells sums of up to 26 bits, so
/// input channels are taken in blocks whose sums have no more. Weights are those that IntConv packs: to transform them
/// at every run takes less time than to read eight times as many bytes, and no memory.
class IntWinograd {
 public:
  /// Whether the kernels can do the convolution so, and whether that is faster.
  static bool fits(const Kernels& kernels, const Conv2d& conv);
  static bool pays(const Kernels& kernels, const Conv2d& conv);

  /// conv fits. w_zero is the zero point of packed weights, from -128 to 127.
  IntWinograd(const Kernels& kernels, const Conv2d& conv, Bytes8 activations, int32_t w_zero, int workers);
  /// Uses these weights, which IntConv has packed for the same convolution, from now on.
  void use(const std::byte* packed) { packed_ = reinterpret_cast<const int8_t*>(packed); }

  uint64_t scratch_bytes() const { return worker_bytes_ * static_cast<uint64_t>(workers_); }
  bool piece_by_piece() const { return splits_ == 1; }
  /// Sums, less both zero points, for every output pixel and channel, in tiles.
  void run(const void* x, int32_t zero_point, std::byte* scratch, ThreadPool* pool, Emit emit) const;
  /// The same of some output pixels, whole rows of one image, as worker `worker`.
  void run_rows(const void* x, int32_t zero_point, std::byte* scratch, int worker, int64_t first, int64_t count,
                Emit emit) const;

 private:
  /// Output rows of one image, and the squares across them.
  struct Area {
    int64_t batch;
    int32_t top, bottom, left, right;
    int32_t across() const { return right - left; }
    int32_t count() const { return (bottom - top + 3) / 4 * across(); }
  };
  void area(const Area& area, int32_t first_panel, int32_t last_panel, const uint8_t* x, int32_t zero_point,
            std::byte* scratch, const Emit& emit) const;
  /// `blank` has room for a pixel of zero points, and for one at each place.
  void transform_inputs(const Area& area, const uint8_t* x, int32_t zero_point, uint8_t* blank, int16_t* out) const;
  /// Products of a block of channels.
  void multiply(const int16_t* inputs, int32_t squares, int32_t panel, int32_t channel, int16_t* filters,
                int32_t* products) const;
  /// Adds up what is transformed back, and hands it on after the last block.
  void finish(const Area& area, int32_t panel, int32_t channel, const int32_t* products, int32_t* sums,
              const Emit& emit) const;

  int32_t vectors(int32_t panel) const { return panel + 1 < panels_ ? kernels_->int_vectors : last_vectors_; }
  int32_t width() const { return kernels_->int_vectors * kernels_->lanes; }

  const Kernels* kernels_;
  Conv2d conv_;
  Bytes8 activations_;
  int32_t w_zero_;
  int workers_;
  int32_t panels_, last_vectors_;  ///< of the last panel
  int32_t down_, across_;          ///< squares of an image
  int32_t parts_down_, parts_across_, splits_;
  int32_t strips_;   ///< rows of squares of an area, at most
  int32_t squares_;  ///< of an area, at most
  int64_t step_;     ///< elements from one place of a square's inputs to the next
  int32_t block_;    ///< input channels of a block
  uint64_t worker_bytes_, inputs_, filters_, products_, sums_;  ///< of a worker's memory, and of its parts
  const int8_t* packed_ = nullptr;
};

}  // namespace tulle::kernels
