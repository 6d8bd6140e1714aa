// MUL: the product of two operands that stretch to a common shape, with a fused activation.
#include "ops/arithmetic.h"
#include "ops/code_pairs.h"
#include "ops/loops.h"

namespace tulle::ops {
namespace {

Result<Kernel> quantized(const Site& site) {
  const DType type = site.out(0).dtype;
  // Converters give a constant of zeros the scale 0: an LSTM's first state.
  TULLE_TRY(const Affine a, affine(site, site.in(0), "input 0", true));
  TULLE_TRY(const Affine b, affine(site, site.in(1), "input 1", true));
  const bool wide = site.in(0).dtype == DType::kInt16;
  if (wide && (a.zero_point != 0 || b.zero_point != 0))
    return site.invalid("int16 inputs have zero points {} and {}, expected 0", a.zero_point, b.zero_point);
  // The scales are multiplied as floats.
  TULLE_TRY(const tulle_result to, quantized_result(site, a.scale * b.scale / site.out(0).scale()));
  const tulle_offsets offsets = {a.zero_point, b.zero_point, to};
  switch (type) {
    case DType::kInt16: return broadcast(site, tulle_ref_mul_q16, offsets);
    case DType::kInt8:
      return wide ? broadcast(site, tulle_ref_mul_i16_i8, to) : code_products<int8_t>(site, tulle_ref_mul_i8, offsets);
    default:
      return wide ? broadcast(site, tulle_ref_mul_i16_u8, to) : code_products<uint8_t>(site, tulle_ref_mul_u8, offsets);
  }
}

Result<Kernel> prepare(Site& site) {
  switch (site.out(0).dtype) {
    case DType::kFloat32: return bounded<tulle_bounds_f32>(site, loops(site).tulle_ref_mul_f32);
    case DType::kFloat16: return bounded<tulle_bounds_f32>(site, tulle_ref_mul_f16);
    case DType::kInt32: return bounded<tulle_bounds_i32>(site, tulle_ref_mul_i32);
    case DType::kUint32: return bounded<tulle_bounds_u32>(site, tulle_ref_mul_u32);
    case DType::kInt64: return bounded<tulle_bounds_i64>(site, tulle_ref_mul_i64);
    case DType::kComplex64: {
      TULLE_TRY(const RangeF32 range, activation_range(site));
      if (range.high != std::numeric_limits<float>::max() || range.low != std::numeric_limits<float>::lowest())
        return site.unsupported("a fused activation of complex numbers");
      return broadcast(site, tulle_ref_mul_c64, tulle_nothing{});
    }
    case DType::kInt16:
      if (!is_quantized(site.out(0))) return bounded<tulle_bounds_i16>(site, tulle_ref_mul_i16);
      [[fallthrough]];
    default: return quantized(site);
  }
}

}  // namespace

extern const Op op_mul = {
    .types = "T T > T : T=f32 f16 i8 u8 i16 i32 u32 i64 c64; i16 i16 > i8|u8",
    .shape = broadcast_shape,
    .prepare = prepare,
    .in_place = 3,
};

}  // namespace tulle::ops
