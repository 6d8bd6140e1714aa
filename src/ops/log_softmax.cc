// LOG_SOFTMAX: float32, int8 and uint8.
#include "ops/log_softmax.ref.h"

#include "ops/affine.h"
#include "ops/rows.h"
#include "ops/unary.h"

namespace tulle::ops {
namespace {

template <class T>
Result<Kernel> codes(Site& site, int32_t highest,
                     void (*loop)(const T*, int64_t, int32_t, const tulle_log_softmax*, T*)) {
  TULLE_TRY(const Rows over, rows(site, site.in(0)));
  TULLE_TRY(const Affine x, affine(site, site.in(0), "input"));
  TULLE_TRY(const Affine y, affine(site, site.out(0), "output"));
  if (y.scale != 1.0f / 16 || y.zero_point != highest)
    return site.unsupported("output has scale {} and zero point {}, must be 1/16 and {}", y.scale, y.zero_point,
                            highest);
  const tulle_log_softmax by = tulle_log_softmax_from(x.scale);
  return [=](const Io& io) -> Result<void> {
    loop(io.in<T>(0), over.count, over.depth, &by, io.out<T>(0));
    return {};
  };
}

}  // namespace

extern const Op op_log_softmax = {
    .types = "T > T : T=f32 i8 u8",
    .shape = same_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      switch (site.in(0).dtype) {
        case DType::kInt8: return codes(site, INT8_MAX, tulle_ref_log_softmax_i8);
        case DType::kUint8: return codes(site, UINT8_MAX, tulle_ref_log_softmax_u8);
        default: break;
      }
      TULLE_TRY(const Rows over, rows(site, site.in(0)));
      return [over](const Io& io) -> Result<void> {
        tulle_ref_log_softmax_f32(io.in<float>(0), over.count, over.depth, io.out<float>(0));
        return {};
      };
    },
};

}  // namespace tulle::ops
