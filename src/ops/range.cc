// RANGE: the numbers from start up (or down) to limit, without it, in steps of delta.
#include "ops/range.ref.h"

#include <cmath>

#include "ops/operand.h"

namespace tulle::ops {
namespace {

/// A quantised integer as the real it stands for; the reals of RANGE are float32.
float real(const Tensor& tensor, int64_t code) {
  return static_cast<float>(static_cast<double>(tensor.scale()) * static_cast<double>(code - tensor.zero_point()));
}

bool is_quantized(const Site& site) { return site.in(0).scale() > 0 && bits(site.in(0).dtype) <= 16; }

Result<int64_t> count_reals(const Site& site, float start, float limit, float delta) {
  if (!(start <= limit ? delta > 0 : delta < 0) && !(start == limit && delta < 0))
    return site.invalid("no range leads from {} to {} in steps of {}", start, limit, delta);
  const float count = is_quantized(site) ? (std::fabs(limit - start) + std::fabs(delta) - 1) / std::fabs(delta)
                                         : std::ceil(std::fabs((limit - start) / delta));
  if (!(count < 2147483648.0f))
    return site.invalid("the range from {} to {} in steps of {} is too long", start, limit, delta);
  return count > 0 ? static_cast<int64_t>(count) : 0;
}

Result<int64_t> count_integers(const Site& site, int64_t start, int64_t limit, int64_t delta) {
  if (delta == 0 || (start < limit && delta < 0) || (start > limit && delta > 0))
    return site.invalid("no range leads from {} to {} in steps of {}", start, limit, delta);
  const uint64_t distance = start < limit ? static_cast<uint64_t>(limit) - static_cast<uint64_t>(start)
                                          : static_cast<uint64_t>(start) - static_cast<uint64_t>(limit);
  const uint64_t step = delta < 0 ? 0 - static_cast<uint64_t>(delta) : static_cast<uint64_t>(delta);
  const uint64_t count = distance / step + (distance % step != 0 ? 1 : 0);
  if (count > INT32_MAX) return site.invalid("the range from {} to {} in steps of {} is too long", start, limit, delta);
  return static_cast<int64_t>(count);
}

Result<int64_t> count(const Site& site) {
  if (site.in(0).dtype == DType::kFloat32)
    return count_reals(site, site.values<float>(0)[0], site.values<float>(1)[0], site.values<float>(2)[0]);
  const int64_t start = integers(site, 0)[0], limit = integers(site, 1)[0], delta = integers(site, 2)[0];
  if (is_quantized(site))
    return count_reals(site, real(site.in(0), start), real(site.in(1), limit), real(site.in(2), delta));
  return count_integers(site, start, limit, delta);
}

Result<void> shape(Site& site) {
  for (int i : {0, 1, 2})
    if (site.in(i).elements() != 1)
      return site.invalid("input {} has {} elements, must be one", i, site.in(i).elements());
  if (!site.known(0) || !site.known(1) || !site.known(2)) return site.defer();
  TULLE_TRY(const int64_t elements, count(site));
  return site.set_shape(0, Shape{static_cast<int32_t>(elements)});
}

template <class T>
Kernel plain(void (*range)(T, T, T*, int64_t), int64_t count) {
  return [range, count](const Io& io) -> Result<void> {
    range(*io.in<T>(0), *io.in<T>(2), io.out<T>(0), count);
    return {};
  };
}

template <class T>
Kernel codes(const Site& site, void (*range)(float, float, float, int32_t, T*, int64_t)) {
  const Tensor& in = site.in(0);
  return [range, start = real(in, integers(site, 0)[0]), step = real(site.in(2), integers(site, 2)[0]),
          scale = in.scale(), zero_point = static_cast<int32_t>(in.zero_point()),
          count = site.out(0).elements()](const Io& io) -> Result<void> {
    range(start, step, scale, zero_point, io.out<T>(0), count);
    return {};
  };
}

Result<Kernel> prepare(Site& site) {
  const int64_t count = site.out(0).elements();
  switch (site.in(0).dtype) {
    case DType::kFloat32: return plain(tulle_ref_range_f32, count);
    case DType::kInt64: return plain(tulle_ref_range_i64, count);
    case DType::kInt16:
      return is_quantized(site) ? codes(site, tulle_ref_range_codes_i16) : plain(tulle_ref_range_i16, count);
    case DType::kInt8:
      return is_quantized(site) ? codes(site, tulle_ref_range_codes_i8) : plain(tulle_ref_range_i8, count);
    default: return plain(tulle_ref_range_i32, count);
  }
}

}  // namespace

extern const Op op_range = {
    .types = "T T T > T : T=f32 i32 i64 i16 i8",
    .shape = shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
