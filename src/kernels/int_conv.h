// IntConv: convolutions of 8-bit activations and 8-bit weights as exact 32-bit sums, handed on tile by tile.
#pragma once

#include <span>

#include "base/thread_pool.h"
#include "kernels/bands.h"
#include "kernels/kernels.h"

namespace tulle::kernels {

/// Activations are int8 or uint8.
enum class Bytes8 { kInt8, kUint8 };

/// Activations less their zero point, as int16.
inline void centre(const Kernels& kernels, Bytes8 type, const uint8_t* x, int64_t count, int32_t zero_point,
                   int16_t* out) {
  if (type == Bytes8::kInt8)
    kernels.centre_i8(reinterpret_cast<const int8_t*>(x), count, zero_point, out);
  else
    kernels.centre_u8(x, count, zero_point, out);
}

/// The zero point of what tiles read: 0 of pairs, which are centred.
inline int32_t inner_zero(const Kernels& kernels, Bytes8 type, int32_t zero_point) {
  switch (kernels.activations) {
    case Activations::kUnsignedQuads: return zero_point + (type == Bytes8::kInt8 ? 128 : 0);
    case Activations::kSignedQuads: return zero_point - (type == Bytes8::kUint8 ? 128 : 0);
    default: return 0;
  }
}
/// Whether quads are these activations flipped by 128.
inline bool flips(const Kernels& kernels, Bytes8 type) {
  return (type == Bytes8::kInt8) == (kernels.activations == Activations::kUnsignedQuads);
}

/// Most rows that are handed on together.
inline constexpr int32_t kMostRows = 64;

/// Finished sums, to be made into outputs.
struct Sums {
  const int32_t* sums;  ///< [rows][stride]
  int64_t stride;
  const int32_t* totals;  ///< one a row: the sum of the activations it saw, less zero points; null unless asked for
  int32_t rows;           ///< consecutive output pixels, at most kMostRows
  int32_t channels;
  int64_t pixel;    ///< of the first row, among all images
  int32_t channel;  ///< the first
  int32_t slot;     ///< the same, counting groups as whole vectors
};

/// What to do with each tile; called from several threads at once, for different tiles.
struct Emit {
  void (*call)(const void* self, const Sums& sums);
  const void* self;
  const After* after = nullptr;  ///< of whole bands of outputs; other than null only where piece_by_piece()
};

/// Hands tiles to a callable, which has to outlive it.
template <class F>
Emit emit_to(const F& f) {
  return {[](const void* self, const Sums& sums) { (*static_cast<const F*>(self))(sums); }, &f};
}

class IntConv {
 public:
  IntConv(const Kernels& kernels, const Conv2d& conv, Bytes8 activations, int workers, bool totals);

  bool sensible() const { return bands_.sensible() && bands_.bytes() < INT32_MAX; }
  /// Bytes of packed weights; pack writes them from [out_c][taps_h][taps_w][in_c / groups]. `flip` is 128 for uint8
  /// weights, which become int8 by taking 128 away, and 0 for int8.
  uint64_t packed_bytes() const;
  void pack(const uint8_t* weights, uint8_t flip, std::byte* packed, ThreadPool* pool) const;
  /// Uses these weights from now on.
  void use(const std::byte* packed) { packed_ = packed; }
  const std::byte* packed() const { return packed_; }

  /// Sums are those of activations less their zero point where tiles read pairs, else of bytes whose zero point is
  /// still inside: taking away inner_zero times this sum of a channel's weights leaves those of centred ones.
  int32_t weight_sum(int32_t group, int32_t channel) const {
    return slots()[static_cast<size_t>(group * vectors_ * kernels_->lanes + channel)];
  }
  /// The same by Sums::slot.
  std::span<const int32_t> slots() const {
    return {reinterpret_cast<const int32_t*>(packed_ + sums_at()),
            static_cast<size_t>(vectors_ * kernels_->lanes * bands_.conv().groups)};
  }
  int32_t inner_zero(int32_t zero_point) const { return kernels::inner_zero(*kernels_, activations_, zero_point); }

  uint64_t scratch_bytes() const { return worker_bytes_ * static_cast<uint64_t>(workers_); }
  bool piece_by_piece() const { return bands_.splits() == 1; }
  /// Sums for every output pixel and channel, in tiles. `zero_points` has one for each `rows_each` input rows of the
  /// batch (for one zero point: any number that covers all).
  void run(const void* x, const int32_t* zero_points, int64_t rows_each, std::byte* scratch, ThreadPool* pool,
           Emit emit) const;
  /// The same of some output pixels, whole rows of one image, as worker `worker`.
  void run_rows(const void* x, int32_t zero_point, std::byte* scratch, int worker, int64_t first, int64_t count,
                Emit emit) const;

 private:
  /// A part of the panels of a band.
  void band(const Band& band, int64_t first_panel, int64_t last_panel, const uint8_t* x, const int32_t* zero_points,
            int64_t rows_each, std::byte* scratch, Emit emit) const;
  /// A band's activations, as tiles want them.
  void fill(const Band& band, const uint8_t* x, const int32_t* zero_points, int64_t rows_each, uint8_t* values) const;
  int64_t panels() const { return (vectors_ + kernels_->int_vectors - 1) / kernels_->int_vectors; }
  int64_t group() const { return group_of(kernels_->activations); }
  int64_t element() const { return 4 / group(); }
  int64_t groups() const { return term_groups_ * static_cast<int64_t>(bands_.terms().size()); }
  int64_t sums_at() const { return groups() * group() * kernels_->lanes * vectors_ * bands_.conv().groups; }

  const Kernels* kernels_;
  Bytes8 activations_;
  int workers_;
  bool totals_;
  int64_t vectors_;  ///< of a convolution group's output channels
  Bands bands_;
  int32_t term_groups_;  ///< groups of activations of a term
  uint64_t worker_bytes_;
  const std::byte* packed_ = nullptr;
};

}  // namespace tulle::kernels
