// RESIZE_BILINEAR: float32 and uint8 with float weights, the other integers with weights of ten bits.
#include "ops/loops.h"
#include "ops/resize.h"

namespace tulle::ops {
namespace {

template <class T>
Kernel kernel(void (*resize)(const T*, T*, const tulle_resize*), const tulle_resize& params) {
  return [resize, params](const Io& io) -> Result<void> {
    resize(io.in<T>(0), io.out<T>(0), &params);
    return {};
  };
}

Result<Kernel> prepare(Site& site) {
  const tulle_resize params = resize_params(site);
  if (params.align_corners && params.half_pixel_centers)
    return site.invalid("align_corners and half_pixel_centers exclude each other");
  switch (site.in(0).dtype) {
    case DType::kInt8: return kernel(loops(site).tulle_ref_resize_bilinear_i8, params);
    case DType::kUint8: return kernel(loops(site).tulle_ref_resize_bilinear_u8, params);
    case DType::kInt16: return kernel(tulle_ref_resize_bilinear_i16, params);
    case DType::kUint16: return kernel(tulle_ref_resize_bilinear_u16, params);
    default: return kernel(loops(site).tulle_ref_resize_bilinear_f32, params);
  }
}

}  // namespace

extern const Op op_resize_bilinear = {
    .types = "T i32 > T : T=f32 i8 u8 i16 u16",
    .shape = resized_shape,
    .prepare = prepare,
};

}  // namespace tulle::ops
