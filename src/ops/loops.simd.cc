// The plain loops of one instruction set. Those that compilers do not see through are written out on vectors.
#include "ops/loops.h"

#include "kernels/code_pairs.h"
#include "kernels/fixed.h"
#include "kernels/rounded.h"
#include "kernels/row_codes.h"
#include "kernels/wide_codes.h"
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

void row_range(const float* x, int32_t count, float* low, float* high) { vectors::row_range(x, count, low, high); }
void quantize_codes(const float* x, int32_t count, float inverse, int32_t zero_point, float low, int8_t* q) {
  const int32_t eights = count / 8 * 8;  // which round otherwise than what is left over
  vectors::row_codes(x, eights, inverse, zero_point, static_cast<int32_t>(low), q);
  ::tulle_quantize_codes(x + eights, count - eights, inverse, zero_point, low, q + eights);
}
void logistic16(const int16_t* x, int32_t count, int16_t* y) { vectors::logistic16(x, count, y); }
void tanh16(const int16_t* x, int32_t count, int32_t m, int16_t* y) { vectors::tanh16(x, count, m, y); }
bool fits(tulle_factor f) { return f.shift <= 0 && f.shift >= -31; }

void add_scaled_i16(const uint32_t* sums, const int32_t* bias, tulle_factor factor, int32_t count, int16_t* y) {
  if (!fits(factor)) return ::tulle_ref_add_scaled_i16(sums, bias, factor, count, y);
  vectors::add_scaled(sums, bias, kernels::factor_of(factor.multiplier, factor.shift), count, y);
}

void squared_difference_i8(const void* const* in, const int32_t* step, void* out, int32_t count, const void* params) {
  const auto& p = *static_cast<const tulle_common_scale*>(params);
  if ((step[0] == 0 && step[1] == 0) || !fits(p.a_factor) || !fits(p.b_factor) || !fits(p.to.factor))
    return ::tulle_ref_squared_difference_i8(in, step, out, count, params);
  const auto factor = [](tulle_factor f) { return kernels::factor_of(f.multiplier, f.shift); };
  const kernels::PairCodes by = {.a_zero = p.a_zero_point,
                                 .b_zero = p.b_zero_point,
                                 .left_shift = p.left_shift,
                                 .subtract = true,
                                 .a = factor(p.a_factor),
                                 .b = factor(p.b_factor),
                                 .to = factor(p.to.factor),
                                 .zero_point = p.to.zero_point,
                                 .low = p.to.low,
                                 .high = p.to.high};
  const auto* a = static_cast<const int8_t*>(in[0]);
  const auto* b = static_cast<const int8_t*>(in[1]);
  auto* y = static_cast<int8_t*>(out);
  if (step[0] != 0 && step[1] != 0) return vectors::squared_differences(a, b, y, count, by);
  // One code against many, in a row of copies.
  constexpr int32_t kCodes = 256;
  int8_t copies[kCodes];
  memset(copies, step[0] == 0 ? *a : *b, sizeof copies);
  for (int32_t i = 0; i < count; i += kCodes)
    vectors::squared_differences(step[0] == 0 ? copies : a + i, step[0] == 0 ? b + i : copies, y + i,
                                 count - i < kCodes ? count - i : kCodes, by);
}

/// Some vectors of channels, each sum as the plain loop adds it up.
template <int kVectors>
void depthwise_channels(const float* x, const float* w, const tulle_conv* conv, const tulle_pixel* at,
                        const tulle_reach& reach, int32_t first, float* sums) {
  using vectors::F32;
  constexpr int kLanes = vectors::kLanes;
  const tulle_window* window = &conv->window;
  F32 acc[kVectors] = {};
  for (int32_t row = reach.rows.first; row < reach.rows.last; ++row)
    for (int32_t column = reach.columns.first; column < reach.columns.last; ++column) {
      const float* from = x + tulle_source(window, at, &reach, row, column) * conv->in_c + first;
      const float* tap = w + (static_cast<int64_t>(row) * window->taps_w + column) * conv->out_c + first;
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v)
        acc[v] += vectors::load<F32>(from + v * kLanes) * vectors::load<F32>(tap + v * kLanes);
    }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) vectors::store(sums + first + v * kLanes, acc[v]);
}

void depthwise_sums_f32(const float* x, const float* w, const tulle_conv* conv, const tulle_pixel* at, float* sums) {
  constexpr int32_t kLanes = vectors::kLanes;
  const int32_t channels = conv->out_c;
  if (conv->in_c != channels || channels < kLanes) return ::tulle_depthwise_conv_2d_sums_f32(x, w, conv, at, sums);
  const tulle_reach reach = tulle_reach_of(&conv->window, at);
  int32_t c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) depthwise_channels<4>(x, w, conv, at, reach, c, sums);
  for (; c + kLanes <= channels; c += kLanes) depthwise_channels<1>(x, w, conv, at, reach, c, sums);
  if (c < channels) depthwise_channels<1>(x, w, conv, at, reach, channels - kLanes, sums);
}

template <int kVectors>
void turned_channels(const float* x, const float* w, const tulle_conv* conv, const tulle_pixel* at,
                     const tulle_reach& reach, int32_t first, float* sums) {
  using vectors::F32;
  constexpr int kLanes = vectors::kLanes;
  const tulle_window* window = &conv->window;
  const int64_t depth = conv->in_c, channels = conv->out_c;
  F32 acc[kVectors] = {};
  for (int32_t row = reach.rows.first; row < reach.rows.last; ++row)
    for (int32_t column = reach.columns.first; column < reach.columns.last; ++column) {
      const float* from = x + tulle_source(window, at, &reach, row, column) * depth;
      const float* tap = w + (static_cast<int64_t>(row) * window->taps_w + column) * depth * channels + first;
      for (int64_t k = 0; k < depth; ++k, tap += channels) {
        const F32 own = vectors::fill(from[k]);
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v) acc[v] += own * vectors::load<F32>(tap + v * kLanes);
      }
    }
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) vectors::store(sums + first + v * kLanes, acc[v]);
}

void turned_sums_f32(const float* x, const float* w, const tulle_conv* conv, const tulle_pixel* at, float* sums) {
  constexpr int32_t kLanes = vectors::kLanes;
  const int32_t channels = conv->out_c;
  if (channels < kLanes) return ::tulle_conv_2d_turned_sums_f32(x, w, conv, at, sums);
  const tulle_reach reach = tulle_reach_of(&conv->window, at);
  int32_t c = 0;
  for (; c + 8 * kLanes <= channels; c += 8 * kLanes) turned_channels<8>(x, w, conv, at, reach, c, sums);
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) turned_channels<4>(x, w, conv, at, reach, c, sums);
  for (; c + 2 * kLanes <= channels; c += 2 * kLanes) turned_channels<2>(x, w, conv, at, reach, c, sums);
  for (; c + kLanes <= channels; c += kLanes) turned_channels<1>(x, w, conv, at, reach, c, sums);
  if (c < channels) turned_channels<1>(x, w, conv, at, reach, channels - kLanes, sums);
}

void codes_i16_wide(const int64_t* sums, const int64_t* bias, int32_t count, const tulle_codes* to, int16_t* y) {
  const int32_t whole = count / vectors::kWideLanes * vectors::kWideLanes;
  vectors::wide_codes(sums, bias, whole, to->factors, to->zero_point, to->low, to->high, y);
  tulle_codes rest = *to;
  rest.factors += whole;
  ::tulle_codes_i16_wide(sums + whole, bias == nullptr ? nullptr : bias + whole, count - whole, &rest, y + whole);
}

constexpr Loops with_vectors() {
  Loops loops = {
#define LOOP(name) .name = ::name,
#include "ops/loops.def"
#undef LOOP
  };
  loops.tulle_rounded_i8 = rounded_i8;
  loops.tulle_rounded_u8 = rounded_u8;
  loops.tulle_row_range = row_range;
  loops.tulle_quantize_codes = quantize_codes;
  loops.tulle_ref_logistic16 = logistic16;
  loops.tulle_ref_tanh16 = tanh16;
  loops.tulle_ref_squared_difference_i8 = squared_difference_i8;
  loops.tulle_depthwise_conv_2d_sums_f32 = depthwise_sums_f32;
  loops.tulle_conv_2d_turned_sums_f32 = turned_sums_f32;
  loops.tulle_codes_i16_wide = codes_i16_wide;
  loops.tulle_ref_add_scaled_i16 = add_scaled_i16;
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
