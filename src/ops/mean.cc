// MEAN: the mean over the dimensions that input 1 lists.
#include "ops/mean.h"
#include "ops/loops.h"

namespace tulle::ops {
namespace {

template <class T>
Result<Kernel> codes(Site& site, tulle_fold row, void (*finish)(const uint32_t*, int64_t, tulle_result, T*, int32_t),
                     ResultOf result_of) {
  TULLE_TRY(const Affine in, affine(site, site.in(0), "input 0"));
  TULLE_TRY(tulle_result to, quantized_result(site, static_cast<double>(in.scale) / site.out(0).scale()));
  const Reduction reduction = plan_reduction(site, sizeof(uint32_t));
  // The sum and the mean of nothing are code 0.
  to = reduction.terms == 0 ? tulle_result{} : result_of(to, reduction.terms);
  const int sums_at = site.scratch(sizeof(uint32_t) * static_cast<uint64_t>(reduction.results));
  return [reduction, row, finish, zero_point = in.zero_point, to, sums_at](const Io& io) -> Result<void> {
    auto* sums = reinterpret_cast<uint32_t*>(io.scratch[static_cast<size_t>(sums_at)]);
    fold(io, reduction, row, sums, 0u, tulle_plain_fold{});
    finish(sums, reduction.terms * zero_point, to, io.out<T>(0), reduction.results);
    return {};
  };
}

/// The mean of plain integers through 64-bit sums.
template <class T>
Kernel integers(Site& site, tulle_fold row, void (*finish)(const int64_t*, int64_t, T*, int32_t)) {
  const Reduction reduction = plan_reduction(site, sizeof(int64_t));
  const int sums_at = site.scratch(sizeof(int64_t) * static_cast<uint64_t>(reduction.results));
  return [reduction, row, finish, sums_at](const Io& io) -> Result<void> {
    auto* sums = reinterpret_cast<int64_t*>(io.scratch[static_cast<size_t>(sums_at)]);
    fold(io, reduction, row, sums, int64_t{0}, tulle_plain_fold{});
    finish(sums, std::max<int64_t>(reduction.terms, 1), io.out<T>(0), reduction.results);
    return {};
  };
}

Result<Kernel> prepare(Site& site) {
  switch (site.in(0).dtype) {
    case DType::kFloat32:
      return [reduction = plan_reduction(site, sizeof(float)), by = real_sums(site)](const Io& io) -> Result<void> {
        float* y = io.out<float>(0);
        fold_reals(io, reduction, by, y);
        tulle_ref_mean_f32(y, reduction.terms, y, reduction.results);
        return {};
      };
    case DType::kInt32: return integers<int32_t>(site, tulle_ref_sum_i32_wide, tulle_ref_mean_i32);
    case DType::kInt64: return integers<int64_t>(site, tulle_ref_sum_i64, tulle_ref_mean_i64);
    default:
      return fold_codes(site, [](tulle_result to, int64_t terms) {
        to.factor = tulle_mean_factor(to.factor, terms);
        return to;
      });
  }
}

}  // namespace

Result<Kernel> fold_codes(Site& site, ResultOf result_of) {
  switch (site.in(0).dtype) {
    case DType::kInt8: return codes<int8_t>(site, loops(site).tulle_ref_sum_i8, tulle_ref_codes_of_sums_i8, result_of);
    case DType::kUint8:
      return codes<uint8_t>(site, loops(site).tulle_ref_sum_u8, tulle_ref_codes_of_sums_u8, result_of);
    default: return codes<int16_t>(site, tulle_ref_sum_i16, tulle_ref_codes_of_sums_i16, result_of);
  }
}

extern const Op op_mean = {
    .types = "T i32 > T : T=f32 i8 u8 i16 i32 i64",
    .shape = reduced_shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
