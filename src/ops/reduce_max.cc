// REDUCE_MAX: the largest over the dimensions that input 1 lists.
#include <limits>

#include "ops/operand.h"
#include "ops/reduce.h"

namespace tulle::ops {
namespace {

Result<Kernel> prepare(Site& site) {
  TULLE_CHECK(same_quantization(site, site.in(0), site.out(0)));
  switch (site.in(0).dtype) {
    case DType::kFloat32: return fold_extreme(site, tulle_ref_reduce_max_f32, std::numeric_limits<float>::lowest());
    case DType::kInt8: return fold_extreme(site, tulle_ref_reduce_max_i8, std::numeric_limits<int8_t>::lowest());
    case DType::kUint8: return fold_extreme(site, tulle_ref_reduce_max_u8, std::numeric_limits<uint8_t>::lowest());
    case DType::kInt16: return fold_extreme(site, tulle_ref_reduce_max_i16, std::numeric_limits<int16_t>::lowest());
    case DType::kInt32: return fold_extreme(site, tulle_ref_reduce_max_i32, std::numeric_limits<int32_t>::lowest());
    default: return fold_extreme(site, tulle_ref_reduce_max_i64, std::numeric_limits<int64_t>::lowest());
  }
}

}  // namespace

extern const Op op_reduce_max = {
    .types = "T i32 > T : T=f32 i8 u8 i16 i32 i64",
    .shape = reduced_shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
