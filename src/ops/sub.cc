// SUB: the difference of two operands that stretch to a common shape, with a fused activation.
#include "ops/arithmetic.h"
#include "ops/code_pairs.h"
#include "ops/loops.h"

namespace tulle::ops {
namespace {

Result<Kernel> prepare(Site& site) {
  const DType type = site.out(0).dtype;
  switch (type) {
    case DType::kFloat32: return bounded<tulle_bounds_f32>(site, loops(site).tulle_ref_sub_f32);
    case DType::kInt32: return bounded<tulle_bounds_i32>(site, tulle_ref_sub_i32);
    case DType::kInt64: return bounded<tulle_bounds_i64>(site, tulle_ref_sub_i64);
    case DType::kInt16: {
      if (site.attributes().flag("pot_scale_int16", true)) {
        TULLE_TRY(const auto pot, pot_scale(site));
        if (pot) return broadcast(site, tulle_ref_sub_pot16, *pot);
      }
      TULLE_TRY(const tulle_common_scale scale, common_scale(site, 15, 1));
      return broadcast(site, tulle_ref_sub_q16, scale);
    }
    default: {
      TULLE_TRY(const tulle_common_scale scale, common_scale(site, 20, 1));
      return type == DType::kInt8 ? code_sums<int8_t>(site, tulle_ref_sub_i8, scale, true)
                                  : code_sums<uint8_t>(site, tulle_ref_sub_u8, scale, true);
    }
  }
}

}  // namespace

extern const Op op_sub = {
    .types = "T T > T : T=f32 i8 u8 i16 i32 i64",
    .shape = broadcast_shape,
    .prepare = prepare,
    .in_place = 3,
    .piecewise = true,
};

}  // namespace tulle::ops
