// REDUCE_PROD: the product over the dimensions that input 1 lists.
#include "ops/reduce_prod.ref.h"

#include <cmath>

#include "ops/arithmetic.h"
#include "ops/reduce.h"

namespace tulle::ops {
namespace {

template <class T>
Result<Kernel> codes(Site& site, tulle_fold row, void (*finish)(const int64_t*, tulle_result, T*, int32_t)) {
  TULLE_TRY(const Affine in, affine(site, site.in(0), "input 0"));
  TULLE_TRY(const Affine out, affine(site, site.out(0), "output 0"));
  const Reduction reduction = plan_reduction(site, sizeof(int64_t));
  const double terms = static_cast<double>(std::max<int64_t>(reduction.terms, 1));
  const double factor = in.scale / std::pow(static_cast<double>(out.scale), 1.0 / terms);
  if (!(factor < 256)) return site.invalid("the scales {} and {} are too far apart", in.scale, out.scale);
  TULLE_TRY(const tulle_result to, quantized_result(site, factor));
  // The product of nothing.
  const T one = static_cast<T>(std::clamp<double>(std::round(1.0 / out.scale) + out.zero_point, to.low, to.high));
  const int products_at = site.scratch(sizeof(int64_t) * static_cast<uint64_t>(reduction.results));
  return [reduction, row, finish, params = tulle_code_product{in.zero_point, to}, products_at,
          one](const Io& io) -> Result<void> {
    auto* products = reinterpret_cast<int64_t*>(io.scratch[static_cast<size_t>(products_at)]);
    if (reduction.terms == 0) {
      std::fill_n(io.out<T>(0), reduction.results, one);
      return {};
    }
    fold(io, reduction, row, products, TULLE_NO_PRODUCT, params);
    finish(products, params.to, io.out<T>(0), reduction.results);
    return {};
  };
}

Result<Kernel> prepare(Site& site) {
  const bool quantized = is_quantized(site.in(0));
  switch (site.in(0).dtype) {
    case DType::kFloat32: return fold_in_place<float>(site, tulle_ref_reduce_prod_f32, 1);
    case DType::kInt32: return fold_in_place<int32_t>(site, tulle_ref_reduce_prod_i32, 1);
    case DType::kInt64: return fold_in_place<int64_t>(site, tulle_ref_reduce_prod_i64, 1);
    case DType::kUint8:
      if (quantized) return site.unsupported("products of quantised uint8");
      return fold_in_place<uint8_t>(site, tulle_ref_reduce_prod_u8, 1);
    case DType::kInt8:
      if (quantized) return codes<int8_t>(site, tulle_ref_product_i8, tulle_ref_codes_of_products_i8);
      return fold_in_place<int8_t>(site, tulle_ref_reduce_prod_i8, 1);
    default:
      if (quantized) return codes<int16_t>(site, tulle_ref_product_i16, tulle_ref_codes_of_products_i16);
      return fold_in_place<int16_t>(site, tulle_ref_reduce_prod_i16, 1);
  }
}

}  // namespace

extern const Op op_reduce_prod = {
    .types = "T i32 > T : T=f32 i8 u8 i16 i32 i64",
    .shape = reduced_shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
