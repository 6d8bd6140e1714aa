// Winograd: 3x3 convolutions of floats with fewer products, by Winograd's minimal filtering.
#pragma once

#include <vector>

#include "base/thread_pool.h"
#include "kernels/float_conv.h"

namespace tulle::kernels {

/// Squares of 4x4 outputs, each made of 6x6 inputs: filters and inputs are transformed, multiplied place by place, and
/// what comes out is transformed back: 36 products instead of 144. Differs from the plain sums by rounding alone.
class Winograd {
 public:
  /// Whether the convolution is one of these and worth it.
  static bool fits(const Kernels& kernels, const Conv2d& conv);
  /// conv fits.
  Winograd(const Kernels& kernels, const Conv2d& conv, int workers);

  /// Bytes of packed weights and bias; pack writes them from [out_c][3][3][in_c]; bias may be null.
  uint64_t packed_bytes() const;
  void pack(const float* weights, const float* bias, std::byte* packed, ThreadPool* pool) const;
  uint64_t scratch_bytes() const { return worker_bytes_ * static_cast<uint64_t>(workers_); }
  void run(const float* x, const std::byte* packed, std::byte* scratch, ThreadPool* pool, const FloatOutput& out) const;

 private:
  void squares(int64_t first, int32_t count, const float* x, const float* packed, std::byte* scratch,
               const FloatOutput& out) const;
  int32_t panel_width() const { return kernels_->float_vectors * kernels_->lanes; }
  int32_t panels() const { return (conv_.out_c + panel_width() - 1) / panel_width(); }

  const Kernels* kernels_;
  Conv2d conv_;
  int workers_;
  int64_t down_, across_;  ///< squares of an image
  uint64_t worker_bytes_;
};

}  // namespace tulle::kernels
