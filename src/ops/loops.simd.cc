// The plain loops of one instruction set. Those that compilers do not see through are written out on vectors.
#include "ops/loops.h"

#include "kernels/rounded.h"
#include "ops/best.h"

namespace tulle::ops::TULLE_ISA {
namespace {

namespace vectors = kernels::TULLE_ISA;

void rounded_i8(const uint32_t* sums, const int32_t* bias, int32_t count, const tulle_rounding* to, int8_t* y) {
  vectors::rounded_codes(sums, bias, count, to->factors, to->zero_point, to->low, to->high, y);
}
void rounded_u8(const uint32_t* sums, const int32_t* bias, int32_t count, const tulle_rounding* to, uint8_t* y) {
  vectors::rounded_codes(sums, bias, count, to->factors, to->zero_point, to->low, to->high, y);
}

constexpr Loops with_vectors() {
  Loops loops = {
#define LOOP(name) .name = ::name,
#include "ops/loops.def"
#undef LOOP
  };
  loops.tulle_rounded_i8 = rounded_i8;
  loops.tulle_rounded_u8 = rounded_u8;
  loops.tulle_ref_arg_max_f32 = best_places<true, float, ::tulle_ref_arg_max_f32>;
  loops.tulle_ref_arg_min_f32 = best_places<false, float, ::tulle_ref_arg_min_f32>;
  loops.tulle_ref_arg_max_i8 = best_places<true, int8_t, ::tulle_ref_arg_max_i8>;
  loops.tulle_ref_arg_min_i8 = best_places<false, int8_t, ::tulle_ref_arg_min_i8>;
  loops.tulle_ref_arg_max_u8 = best_places<true, uint8_t, ::tulle_ref_arg_max_u8>;
  loops.tulle_ref_arg_min_u8 = best_places<false, uint8_t, ::tulle_ref_arg_min_u8>;
  loops.tulle_ref_arg_max_i32 = best_places<true, int32_t, ::tulle_ref_arg_max_i32>;
  loops.tulle_ref_arg_min_i32 = best_places<false, int32_t, ::tulle_ref_arg_min_i32>;
  return loops;
}

}  // namespace

extern const Loops loops;
constinit const Loops loops = with_vectors();

}  // namespace tulle::ops::TULLE_ISA
