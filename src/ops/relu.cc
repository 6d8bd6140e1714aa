// RELU: x where x is positive, else 0; and what its variants with other bounds share with it.
#include "ops/relu.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/arithmetic.h"
#include "ops/loops.h"
#include "ops/relu.ref.h"

namespace tulle::ops {
namespace {

Result<Kernel> relu_codes(const Site& site, tulle_row row, float low, float high) {
  TULLE_TRY(tulle_rescaling codes, rescaling(site));
  const auto code = [&](float real) {
    const double nearest = std::round(real / site.out(0).scale()) + static_cast<double>(codes.to.zero_point);
    return static_cast<int32_t>(std::clamp<double>(nearest, codes.to.low, codes.to.high));
  };
  codes.to = {codes.to.factor, codes.to.zero_point, code(low), code(high)};
  return broadcast(site, row, codes);
}

}  // namespace

Result<Kernel> relu(const Site& site, float low, float high) {
  switch (site.in(0).dtype) {
    case DType::kInt8: return relu_codes(site, loops(site).tulle_ref_relu_i8, low, high);
    case DType::kUint8: return relu_codes(site, loops(site).tulle_ref_relu_u8, low, high);
    case DType::kInt16: return relu_codes(site, tulle_ref_relu_i16, low, high);
    default: return broadcast(site, loops(site).tulle_ref_relu_f32, tulle_relu_f32{low, high});
  }
}

extern const Op op_relu = {
    .types = "T > T : T=f32 i8 u8 i16",
    .shape = broadcast_shape,
    .prepare = [](Site& site) { return relu(site, 0.0f, std::numeric_limits<float>::infinity()); },
    .in_place = 1,
    .piecewise = true,
};

}  // namespace tulle::ops
