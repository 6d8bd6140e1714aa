// IntConv: convolutions of 8-bit activations and 8-bit weights as exact 32-bit sums, handed on tile by tile.
#pragma once

#include "base/thread_pool.h"
#include "kernels/bands.h"
#include "kernels/kernels.h"

namespace tulle::kernels {

/// Activations are int8 or uint8; weights int8, or uint8 less 128.
enum class Bytes8 { kInt8, kUint8 };

/// A tile of finished sums, to be made into outputs.
struct Sums {
  const int32_t* sums;  ///< [rows][stride]
  int64_t stride;
  const int32_t* totals;  ///< one a row: the sum of the activations it saw, less zero points; null unless asked for
  int32_t rows;           ///< consecutive output pixels
  int32_t channels;
  int64_t pixel;    ///< of the first row, among all images
  int32_t channel;  ///< the first
  int32_t slot;     ///< the same, counting groups as whole vectors
};

/// What to do with each tile; called from several threads at once, for different tiles.
struct Emit {
  void (*call)(const void* self, const Sums& sums);
  const void* self;
};

/// Hands tiles to a callable, which has to outlive it.
template <class F>
Emit emit_to(const F& f) {
  return {[](const void* self, const Sums& sums) { (*static_cast<const F*>(self))(sums); }, &f};
}

class IntConv {
 public:
  IntConv(const Kernels& kernels, const Conv2d& conv, Bytes8 activations, int workers, bool totals);

  bool sensible() const { return bands_.sensible(); }
  /// Bytes of packed weights; pack writes them from [out_c][taps_h][taps_w][in_c / groups], adding `add` (0 or -128) to
  /// each.
  size_t packed_bytes() const;
  void pack(const uint8_t* weights, uint8_t flip, std::byte* packed) const;
  /// Where activations keep their zero point inside (Kernels::group 4), a sum is that of centred activations only after
  /// the zero point times this sum of its channel's weights is taken away. Null where they are centred.
  const int32_t* weight_sums(const std::byte* packed) const;
  /// The zero point that weight_sums multiply: of uint8 as it is, of int8 plus 128.
  int32_t inner_zero(int32_t zero_point) const {
    return kernels_->group == 4 ? zero_point + (activations_ == Bytes8::kInt8 ? 128 : 0) : 0;
  }

  size_t scratch_bytes() const { return worker_bytes_ * static_cast<size_t>(workers_); }
  /// Sums for every output pixel and channel, in tiles. `zero_points` has one for each `rows_each` output rows of the
  /// batch (for one zero point: any number that covers all).
  void run(const void* x, const int32_t* zero_points, int64_t rows_each, const std::byte* packed, std::byte* scratch,
           ThreadPool* pool, Emit emit) const;

 private:
  void band(int32_t task, const uint8_t* x, const int32_t* zero_points, int64_t rows_each, const std::byte* packed,
            std::byte* scratch, Emit emit) const;

  const Kernels* kernels_;
  Bytes8 activations_;
  int workers_;
  bool totals_;
  int32_t groups_;  ///< of Kernels::group values in a term
  int64_t panel_bytes_, padded_channels_;
  Bands bands_;
  int32_t splits_;  ///< parts that the panels are cut into, where bands alone do not keep the workers busy
  size_t worker_bytes_;
};

}  // namespace tulle::kernels
