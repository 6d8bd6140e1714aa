// Codes by floats: where these put a code for sure. Included by *.simd.cc and their headers alone.
#pragma once

#include "kernels/simd.h"

namespace tulle::kernels {
namespace TULLE_ISA {
namespace {

/// Takes reals that are 256 more than the code is above the lowest one, rounded down: there floats have 15 bits of
/// fraction and 8 before it. Their bits are in the order of the floats from 0 on.
class FloatCodes {
 public:
  FloatCodes(int32_t low, int32_t high)
      : low_((I32)fill(256.5f)),
        high_((I32)fill(256.5f + static_cast<float>(high - low))),
        lowest_(Bytes{} + static_cast<uint8_t>(low)) {}

  void begin() { nearest_ = (U16)(U32{} - 1); }
  U32 take(F32 real) {
    const U32 bits = (U32)min(max((I32)real, low_), high_);
    nearest_ = min((U16)(bits << 1), nearest_);  // the lower half of a lane is the fraction
    return bits >> 15;
  }
  /// Whether no fraction since begin() was at most `near`, in units of 2^-32.
  bool sure(uint32_t near) const { return !any((I32)(((U32)nearest_ << 16) <= U32{} + near)); }
  /// Codes of what was taken, in the order a, b, c, d.
  Bytes bytes(U32 a, U32 b, U32 c, U32 d) const { return low_bytes(a, b, c, d) + lowest_; }

 private:
  I32 low_, high_;
  Bytes lowest_;
  U16 nearest_ = {};
};

}  // namespace
}  // namespace TULLE_ISA
}  // namespace tulle::kernels
