// The preparation that CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED share.
#pragma once

#include <utility>
#include <vector>

#include "ops/activation.h"
#include "ops/conv.ref.h"
#include "ops/fast_codes.h"
#include "ops/fast_wide.h"
#include "ops/loops.h"
#include "ops/op.h"
#include "ops/weights.h"

namespace tulle::ops {

/// One operator's sums of products, for each pair of element types.
struct ConvSums {
  tulle_sums_f32 f32;
  tulle_sums_i8 i8;
  tulle_sums_u8 u8;
  tulle_sums_i16 i16;
};

/// How each batch of real activations becomes int8 for an integer filter: with zero point 0, or its own.
enum class RowScales { kSymmetric, kAsymmetric };

/// Whose sums these are, for kernels: those of CONV_2D and FULLY_CONNECTED, those of DEPTHWISE_CONV_2D, or others.
enum class Form { kOther, kWindow, kDepthwise };

struct ConvPlan {
  tulle_conv conv;  ///< zero points are filled in; an int8 filter's is 0 unless given here
  ConvSums sums;
  int x = 0, w = 1, bias = 2;  ///< which inputs these are
  int filter_axis = 0;         ///< the filter's dimension of output channels
  RowScales rows = RowScales::kAsymmetric;
  bool scales_in_turn = false;  ///< see tulle_scaled_reals
  Form form = Form::kOther;
};

/// How sums become codes of the output: a factor for each channel, fixed and in double, zero point and bounds.
struct Rescale {
  std::vector<tulle_factor> factors;
  std::vector<double> reals;
  int32_t zero_point;
  RangeI32 bounds;

  void fill(tulle_codes& codes) const { codes = {factors.data(), zero_point, bounds.low, bounds.high}; }
  void fill(tulle_rounding& codes) const { codes = {reals.data(), zero_point, bounds.low, bounds.high}; }
};

/// Checks filter, bias and quantisation, and returns the kernel for the operands' types: float, 8-bit, 16-bit
/// activations on 8-bit filters, or real activations on 8-bit filters. 4- and 2-bit filters count as 8-bit.
Result<Kernel> conv(Site& site, const ConvPlan& plan);

/// The part of it for real activations, float and integer filters.
Result<Kernel> conv_reals(Site& site, const ConvPlan& plan);

Result<void> check_bias(const Site& site, const ConvPlan& plan);

/// Checks the quantisation of an integer node and fills in the zero points of plan.conv.
Result<Rescale> rescale(Site& site, ConvPlan& plan);

/// The functions of one arithmetic: a loop made by TULLE_CONV, its sums, and how a row of sums becomes one of codes.
template <class X, class W, class Sum, class Bias, class To, class Y>
struct ConvCodes {
  using SumsOf = void (*)(const X*, const W*, const tulle_conv*, const tulle_pixel*, Sum*);
  void (*loop)(SumsOf, const X*, const W*, const Bias*, const tulle_conv*, const To*, Sum*, Y*);
  SumsOf sums;
  void (*codes)(const Sum*, const Bias*, int32_t, const To*, Y*);
};
template <class X, class W, class Sum, class Bias, class To, class Y>
ConvCodes(void (*)(void (*)(const X*, const W*, const tulle_conv*, const tulle_pixel*, Sum*), const X*, const W*,
                   const Bias*, const tulle_conv*, const To*, Sum*, Y*),
          void (*)(const X*, const W*, const tulle_conv*, const tulle_pixel*, Sum*),
          void (*)(const Sum*, const Bias*, int32_t, const To*, Y*)) -> ConvCodes<X, W, Sum, Bias, To, Y>;

/// The kernel that makes codes of fast sums.
template <class Sum, class Bias, class To, class Y>
Result<Kernel> fast_codes(Site& site, const ConvPlan& plan, FastSums sums, Rescale to,
                          void (*codes)(const Sum*, const Bias*, int32_t, const To*, Y*)) {
  constexpr bool kRounded = std::is_same_v<To, tulle_rounding>;
  std::optional<TileCodes> tiles;
  const Bias* bias = site.has(plan.bias) ? site.in(plan.bias).template as<Bias>() : nullptr;
  if constexpr (sizeof(Y) == 1 && std::is_same_v<Bias, int32_t>)
    if (bias == nullptr || site.constant(plan.bias)) tiles = TileCodes::find(plan, sums, to, bias, kRounded);
  site.minds_pitch();
  return [=, sums = std::move(sums), to = std::move(to), tiles = std::move(tiles)](const Io& io) -> Result<void> {
    const int64_t pitch = io.pitch != 0 ? io.pitch : plan.conv.out_c;
    const auto emit_rows = [&](const kernels::Sums& tile) {
      To shared;
      to.fill(shared);
      const To here = from_channel(shared, tile.channel);
      const Bias* add = io.in<Bias>(plan.bias);
      for (int32_t m = 0; m < tile.rows; ++m) {
        uint32_t row[kMaxTile];
        sums.centre(tile, m, plan.conv.x_zero, row);
        codes(row, add == nullptr ? nullptr : add + tile.channel, tile.channels, &here,
              io.out<Y>(0) + (tile.pixel + m) * pitch + tile.channel);
      }
    };
    const auto emit_tiles = [&](const kernels::Sums& tile) {
      (*tiles)(sums, tile, io.out<uint8_t>(0), pitch, kernels::emit_to(emit_rows));
    };
    const std::byte* x = io.in<std::byte>(plan.x);
    kernels::Emit emit = tiles.has_value() ? kernels::emit_to(emit_tiles) : kernels::emit_to(emit_rows);
    if (io.count >= 0) return sums.run_rows(io, x, plan.conv.x_zero, emit), Result<void>{};
    if (sums.piece_by_piece()) emit.after = io.take_after();
    sums.run(io, x, &plan.conv.x_zero, INT64_MAX, emit);
    return {};
  };
}

/// The kernel for it.
template <class X, class W, class Sum, class Bias, class To, class Y>
Result<Kernel> conv_codes(Site& site, ConvPlan plan, ConvCodes<X, W, Sum, Bias, To, Y> with) {
  TULLE_TRY(Rescale to, rescale(site, plan));
  if constexpr (sizeof(X) == 1) {
    TULLE_TRY(std::optional<FastSums> sums, FastSums::find(site, plan));
    if (sums.has_value()) {
      by_rows(site, plan);
      return fast_codes(site, plan, *std::move(sums), std::move(to), with.codes);
    }
  }
  if constexpr (sizeof(X) == 2 && sizeof(W) == 1) {
    TULLE_TRY(std::optional<FastWide> sums, FastWide::find(site, plan));
    auto codes = with.codes;
    if constexpr (std::is_same_v<Bias, int64_t> && std::is_same_v<To, tulle_codes>)
      codes = loops(site).tulle_codes_i16_wide;
    if (sums.has_value())
      return [=, sums = *std::move(sums), to = std::move(to)](const Io& io) -> Result<void> {
        To shared;
        to.fill(shared);
        const Bias* bias = io.in<Bias>(plan.bias);
        sums.run(io, io.in<X>(plan.x), [&](const Sum* row, int64_t pixel, int32_t channel, int32_t channels) {
          const To here = from_channel(shared, channel);
          codes(row, bias == nullptr ? nullptr : bias + channel, channels, &here,
                io.out<Y>(0) + pixel * plan.conv.out_c + channel);
        });
        return {};
      };
  }
  const int scratch = site.scratch(sizeof(Sum) * static_cast<uint64_t>(plan.conv.out_c));
  return [=, to = std::move(to), weights = Weights(site, plan.w)](const Io& io) -> Result<void> {
    To codes;
    to.fill(codes);
    with.loop(with.sums, io.in<X>(plan.x), reinterpret_cast<const W*>(weights.at(io)), io.in<Bias>(plan.bias),
              &plan.conv, &codes, reinterpret_cast<Sum*>(io.scratch[static_cast<size_t>(scratch)]), io.out<Y>(0));
    return {};
  };
}

}  // namespace tulle::ops
