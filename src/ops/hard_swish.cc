// HARD_SWISH: float32 by the formula; 8-bit by a table of all answers.
#include "ops/hard_swish.ref.h"

#include <limits>

#include "ops/affine.h"
#include "ops/loops.h"
#include "ops/unary.h"

namespace tulle::ops {
namespace {

template <class T>
Result<Kernel> codes(Site& site) {
  using Limits = std::numeric_limits<T>;
  TULLE_TRY(const Affine x, affine(site, site.in(0), "input"));
  TULLE_TRY(const Affine y, affine(site, site.out(0), "output"));
  const tulle_hard_swish by = tulle_hard_swish_from(x.scale, x.zero_point, y.scale, y.zero_point);
  if (by.to_y.shift > 0)
    return site.unsupported("input has scale {}, output {}, must not be below a 128th of it", x.scale, y.scale);
  tulle_table_8 table;
  for (int i = Limits::min(); i <= Limits::max(); ++i)
    table.answers[static_cast<uint8_t>(i)] =
        static_cast<uint8_t>(tulle_clamp(tulle_hard_swish_code(i, &by), Limits::min(), Limits::max()));
  return look_up(site, table);
}

}  // namespace

extern const Op op_hard_swish = {
    .types = "T > T : T=f32 i8 u8",
    .shape = same_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      switch (site.in(0).dtype) {
        case DType::kInt8: return codes<int8_t>(site);
        case DType::kUint8: return codes<uint8_t>(site);
        default: return unary(site, loops(site).tulle_ref_hard_swish_f32);
      }
    },
    .in_place = 1,
    .piecewise = true,
};

}  // namespace tulle::ops
