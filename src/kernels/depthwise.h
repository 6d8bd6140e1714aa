// Depthwise: convolutions of 8- and 16-bit activations that keep channels apart, as exact sums.
#pragma once

#include <optional>

#include "kernels/int_conv.h"

namespace tulle::kernels {

class Depthwise {
 public:
  /// conv.out_c is a multiple of conv.in_c; weights are [taps_h][taps_w][out_c], and `narrow` where all fit int8 less
  /// their zero point. Activations are of 8 bits or, where nothing says which, int16 without zero points.
  Depthwise(const Kernels& kernels, const Conv2d& conv, std::optional<Bytes8> activations, bool narrow, int workers);

  bool sensible() const { return bands_.sensible(); }
  uint64_t packed_bytes() const;
  /// The weights less their zero point.
  template <class W>
  void pack(const W* weights, int32_t zero_point, std::byte* packed, ThreadPool* pool) const;
  uint64_t scratch_bytes() const { return worker_bytes_ * static_cast<uint64_t>(workers_); }
  /// As IntConv::run; sums are those of activations less their zero point.
  void run(const void* x, const int32_t* zero_points, int64_t rows_each, const std::byte* packed, std::byte* scratch,
           ThreadPool* pool, Emit emit) const;
  /// As IntConv::run_rows.
  void run_rows(const void* x, int32_t zero_point, const std::byte* packed, std::byte* scratch, int worker,
                int64_t first, int64_t count, Emit emit) const;

 private:
  void band(const Band& band, const uint8_t* x, const int32_t* zero_points, int64_t rows_each, const std::byte* packed,
            std::byte* scratch, Emit emit) const;
  /// A band's activations as the form reads them.
  void fill(const Band& band, const uint8_t* x, const int32_t* zero_points, int64_t rows_each, int32_t blank,
            uint8_t* values) const;
  int64_t block_bytes() const;
  bool quads() const { return form_ == &kernels_->depthwise_quads; }
  int32_t element() const { return quads() ? 1 : 2; }  // bytes

  const Kernels* kernels_;
  const DepthwiseForm* form_;
  std::optional<Bytes8> activations_;
  int workers_, each_;
  /// Pixels of a vector: neighbours share one where a pixel's channels fill but a part of it.
  int32_t together_;
  Bands bands_;
  uint64_t worker_bytes_;
};

}  // namespace tulle::kernels
