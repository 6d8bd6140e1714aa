// REDUCE_MIN: the smallest over the dimensions that input 1 lists.
#include <limits>

#include "ops/operand.h"
#include "ops/reduce.h"

namespace tulle::ops {
namespace {

Result<Kernel> prepare(Site& site) {
  TULLE_CHECK(same_quantization(site, site.in(0), site.out(0)));
  switch (site.in(0).dtype) {
    case DType::kFloat32: return fold_extreme(site, tulle_ref_reduce_min_f32, std::numeric_limits<float>::max());
    case DType::kInt8: return fold_extreme(site, tulle_ref_reduce_min_i8, std::numeric_limits<int8_t>::max());
    case DType::kUint8: return fold_extreme(site, tulle_ref_reduce_min_u8, std::numeric_limits<uint8_t>::max());
    case DType::kInt16: return fold_extreme(site, tulle_ref_reduce_min_i16, std::numeric_limits<int16_t>::max());
    case DType::kInt32: return fold_extreme(site, tulle_ref_reduce_min_i32, std::numeric_limits<int32_t>::max());
    default: return fold_extreme(site, tulle_ref_reduce_min_i64, std::numeric_limits<int64_t>::max());
  }
}

}  // namespace

extern const Op op_reduce_min = {
    .types = "T i32 > T : T=f32 i8 u8 i16 i32 i64",
    .shape = reduced_shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
