// RESIZE_BILINEAR: float32 and uint8 with float weights, the other integers with weights of ten bits.
#include "ops/in_parts.h"
#include "ops/loops.h"
#include "ops/resize.h"

namespace tulle::ops {
namespace {

/// The kernel of a loop over one row, with places of rows and columns from `between`.
template <class T, class Sum, class Between>
Kernel kernel(Site& site, const tulle_resize& p, Between (*between)(int32_t, int32_t, int32_t, const tulle_resize*),
              void (*loop)(const T*, const T*, const Between*, const Between*, const tulle_resize*, Sum*, T*)) {
  if (site.out(0).elements() == 0) return [](const Io&) -> Result<void> { return {}; };
  const auto memory = static_cast<uint64_t>(tulle_resize_memory(&p));
  const int columns_at = site.scratch(sizeof(Between) * static_cast<uint64_t>(p.out_width));
  const int sums_at = site.scratch(sizeof(Sum) * memory * static_cast<uint64_t>(site.workers));
  return [=](const Io& io) -> Result<void> {
    auto* columns = reinterpret_cast<Between*>(io.scratch[static_cast<size_t>(columns_at)]);
    for (int32_t j = 0; j < p.out_width; ++j) columns[j] = between(j, p.in_width, p.out_width, &p);
    const int64_t in_row = int64_t{p.in_width} * p.depth, out_row = int64_t{p.out_width} * p.depth;
    in_parts(io, int64_t{p.batches} * p.out_height, out_row, [&](int64_t first, int64_t count, int part) {
      Sum* sums = reinterpret_cast<Sum*>(io.scratch[static_cast<size_t>(sums_at)]) + memory * static_cast<size_t>(part);
      for (int64_t r = first; r < first + count; ++r) {
        const Between row = between(static_cast<int32_t>(r % p.out_height), p.in_height, p.out_height, &p);
        const T* x = io.in<T>(0) + r / p.out_height * p.in_height * in_row;
        loop(x + row.low * in_row, x + row.high * in_row, &row, columns, &p, sums, io.out<T>(0) + r * out_row);
      }
    });
    return {};
  };
}

/// Whether the weights stay within the bounds of tulle_ref_resize_bilinear_i8_short: they grow with the place, where
/// many outputs of few inputs add up what rounding makes of the step.
bool short_sums(const tulle_resize& p) {
  return tulle_resize_between_fixed(p.out_height - 1, p.in_height, p.out_height, &p).weight <= 2048 &&
         tulle_resize_between_fixed(p.out_width - 1, p.in_width, p.out_width, &p).weight <= 2048;
}

Result<Kernel> prepare(Site& site) {
  const tulle_resize p = resize_params(site);
  if (p.align_corners && p.half_pixel_centers)
    return site.invalid("align_corners and half_pixel_centers exclude each other");
  switch (site.in(0).dtype) {
    case DType::kInt8:
      return short_sums(p) ? kernel(site, p, tulle_resize_between_fixed, loops(site).tulle_ref_resize_bilinear_i8_short)
                           : kernel(site, p, tulle_resize_between_fixed, tulle_ref_resize_bilinear_i8);
    case DType::kUint8: return kernel(site, p, tulle_resize_between, loops(site).tulle_ref_resize_bilinear_u8);
    case DType::kInt16: return kernel(site, p, tulle_resize_between_fixed, tulle_ref_resize_bilinear_i16);
    case DType::kUint16: return kernel(site, p, tulle_resize_between_fixed, tulle_ref_resize_bilinear_u16);
    default: return kernel(site, p, tulle_resize_between, loops(site).tulle_ref_resize_bilinear_f32);
  }
}

}  // namespace

extern const Op op_resize_bilinear = {
    .types = "T i32 > T : T=f32 i8 u8 i16 u16",
    .shape = resized_shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
