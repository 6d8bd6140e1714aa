// L2_NORMALIZATION: float32, int8 and uint8.
#include "ops/l2_normalization.ref.h"

#include "ops/affine.h"
#include "ops/rows.h"
#include "ops/unary.h"

namespace tulle::ops {
namespace {

template <class T>
Result<Kernel> codes(Site& site, int32_t zero_point, void (*loop)(const T*, int64_t, int32_t, int32_t, T*)) {
  TULLE_TRY(const Rows over, rows(site, site.in(0)));
  TULLE_TRY(const Affine x, affine(site, site.in(0), "input"));
  TULLE_TRY(const Affine y, affine(site, site.out(0), "output"));
  if (y.scale != 1.0f / 128 || y.zero_point != zero_point)
    return site.unsupported("output has scale {} and zero point {}, must be 1/128 and {}", y.scale, y.zero_point,
                            zero_point);
  return [=](const Io& io) -> Result<void> {
    loop(io.in<T>(0), over.count, over.depth, x.zero_point, io.out<T>(0));
    return {};
  };
}

}  // namespace

extern const Op op_l2_normalization = {
    .types = "T > T : T=f32 i8 u8",
    .shape = same_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      const std::string_view activation = site.attributes().symbol("fused_activation_function", "NONE");
      if (activation != "NONE") return site.unsupported("fused activation {} is not NONE", activation);
      switch (site.in(0).dtype) {
        case DType::kInt8: return codes(site, 0, tulle_ref_l2_normalization_i8);
        case DType::kUint8: return codes(site, 128, tulle_ref_l2_normalization_u8);
        default: break;
      }
      TULLE_TRY(const Rows over, rows(site, site.in(0)));
      return [over](const Io& io) -> Result<void> {
        tulle_ref_l2_normalization_f32(io.in<float>(0), over.count, over.depth, io.out<float>(0));
        return {};
      };
    },
};

}  // namespace tulle::ops
