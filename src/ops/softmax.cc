// SOFTMAX: float32; 8-bit through a table of exponentials; int16 through interpolated tables.
#include "ops/softmax.ref.h"

#include <cmath>
#include <memory>

#include "kernels/kernels.h"
#include "ops/affine.h"
#include "ops/in_parts.h"
#include "ops/rows.h"
#include "ops/unary.h"

namespace tulle::ops {
namespace {

constexpr int64_t kLeast = 4096;  ///< elements that a thread is worth

/// A loop over rows of codes, whatever their types.
using Loop = void (*)(const void* x, int64_t rows, int32_t depth, const tulle_exp_table* table, void* y);

Result<Kernel> narrow(Site& site, Loop loop) {
  TULLE_TRY(const Rows over, rows(site, site.in(0)));
  TULLE_TRY(const Affine x, affine(site, site.in(0), "input"));
  tulle_exp_table table;
  tulle_fill_exp_table(tulle_to_q5(site.attributes().real("beta"), x.scale), &table);
  const int64_t code = site.out(0).dtype == DType::kInt16 ? 2 : 1;
  return [=](const Io& io) -> Result<void> {
    in_parts(
        io, over.count, over.depth,
        [&](int64_t first, int64_t count, int) {
          const int64_t at = first * over.depth;
          loop(io.in<int8_t>(0) + at, count, over.depth, &table, io.out<int8_t>(0) + at * code);
        },
        kLeast);
    return {};
  };
}

Result<Kernel> wide(Site& site) {
  TULLE_TRY(const Rows over, rows(site, site.in(0)));
  TULLE_TRY(const Affine x, affine(site, site.in(0), "input"));
  auto by = std::make_unique<tulle_softmax_i16>();
  tulle_fill_softmax_i16(x.scale * site.attributes().real("beta"), by.get());
  return [=, by = std::move(by)](const Io& io) -> Result<void> {
    in_parts(
        io, over.count, over.depth,
        [&](int64_t first, int64_t count, int) {
          tulle_ref_softmax_i16(io.in<int16_t>(0) + first * over.depth, count, over.depth, by.get(),
                                io.out<int16_t>(0) + first * over.depth);
        },
        kLeast);
    return {};
  };
}

/// Probabilities have a fixed scale: all codes of the output for 0 to 1, half of them for 16-bit input.
Result<void> check_codes(const Site& site, float beta) {
  const bool wide = site.in(0).dtype == DType::kInt16;
  if (!(beta > 0) || !std::isfinite(beta)) return site.invalid("beta is {}, must be above 0 for quantised input", beta);
  TULLE_TRY(const Affine y, affine(site, site.out(0), "output"));
  const DType to = site.out(0).dtype;
  const Affine want = to == DType::kInt8    ? Affine{1.0f / 256, INT8_MIN}
                      : to == DType::kUint8 ? Affine{1.0f / 256, 0}
                      : wide                ? Affine{1.0f / 32768, 0}
                                            : Affine{1.0f / 65536, INT16_MIN};
  if (std::fabs(y.scale - want.scale) > 0.001f * want.scale || y.zero_point != want.zero_point)
    return site.unsupported("output has scale {} and zero point {}, must be {} and {}", y.scale, y.zero_point,
                            want.scale, want.zero_point);
  return {};
}

}  // namespace

extern const Op op_softmax = {
    .types = "f32 > f32; i8 > i8|i16; u8 > u8|i16; i16 > i16",
    .shape = same_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      const float beta = site.attributes().real("beta");
      const bool to_i16 = site.out(0).dtype == DType::kInt16;
      if (site.in(0).dtype == DType::kFloat32) {
        TULLE_TRY(const Rows over, rows(site, site.in(0)));
        return [=, with = site.float_kernels()](const Io& io) -> Result<void> {
          if (with == nullptr) {
            tulle_ref_softmax_f32(io.in<float>(0), over.count, over.depth, beta, io.out<float>(0));
            return {};
          }
          const int64_t rows = over.count, depth = over.depth;
          const auto part = [&](int64_t first, int64_t count, int) {
            for (int64_t r = first; r < first + count; ++r)
              with->softmax(io.in<float>(0) + r * depth, io.out<float>(0) + r * depth, depth, beta);
          };
          in_parts(io, rows, depth, part, kLeast);
          return {};
        };
      }
      TULLE_CHECK(check_codes(site, beta));
      switch (site.in(0).dtype) {
        case DType::kInt8: return narrow(site, to_i16 ? tulle_ref_softmax_i8_i16 : tulle_ref_softmax_i8_i8);
        case DType::kUint8: return narrow(site, to_i16 ? tulle_ref_softmax_u8_i16 : tulle_ref_softmax_u8_u8);
        default: return wide(site);
      }
    },
};

}  // namespace tulle::ops
