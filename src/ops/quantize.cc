// QUANTIZE: reals to codes, for a tensor as a whole or along an axis; codes to codes of another scale or type.
#include <limits>
#include <numeric>

#include "ops/affine.h"
#include "ops/channels.h"
#include "ops/loops.h"
#include "ops/packed.ref.h"
#include "ops/unary.h"

namespace tulle::ops {
namespace {

template <class T>
Result<Kernel> from_reals(Site& site, void (*loop)(const float*, const tulle_channels*, T*)) {
  using Limits = std::numeric_limits<T>;
  TULLE_TRY(Channels by, channels(site, site.out(0), Limits::min(), Limits::max(), "output"));
  return [loop, by = std::move(by)](const Io& io) -> Result<void> {
    run_channels(io, by, loop);
    return {};
  };
}

Result<Kernel> from_reals_packed(Site& site) {
  TULLE_TRY(Channels by, channels(site, site.out(0), -8, 7, "output"));
  const int64_t count = site.in(0).elements();
  const auto codes = static_cast<size_t>(site.scratch(static_cast<uint64_t>(count)));
  return [=, by = std::move(by)](const Io& io) -> Result<void> {
    const tulle_channels view = by.view();
    auto* q = reinterpret_cast<int8_t*>(io.scratch[codes]);
    tulle_ref_quantize_i4(io.in<float>(0), &view, q);
    tulle_pack4(q, count, io.out<uint8_t>(0));
    return {};
  };
}

struct Requantize {
  DType from, to;
  void (*loop)(const void*, int64_t, const tulle_requantize*, void*);
};
constexpr Requantize kRequantize[] = {
    {DType::kInt8, DType::kInt8, tulle_ref_requantize_i8_i8},
    {DType::kInt8, DType::kUint8, tulle_ref_requantize_i8_u8},
    {DType::kInt8, DType::kInt16, tulle_ref_requantize_i8_i16},
    {DType::kUint8, DType::kInt8, tulle_ref_requantize_u8_i8},
    {DType::kUint8, DType::kUint8, tulle_ref_requantize_u8_u8},
    {DType::kUint8, DType::kInt16, tulle_ref_requantize_u8_i16},
    {DType::kInt16, DType::kInt8, tulle_ref_requantize_i16_i8},
    {DType::kInt16, DType::kInt16, tulle_ref_requantize_i16_i16},
    {DType::kInt16, DType::kInt32, tulle_ref_requantize_i16_i32},
    {DType::kInt32, DType::kInt8, tulle_ref_requantize_i32_i8},
    {DType::kInt32, DType::kInt16, tulle_ref_requantize_i32_i16},
};

/// 8-bit codes to 8-bit codes: all 256 answers ahead of time, by the pattern of bits.
Kernel by_table(const Site& site, const tulle_requantize& by, decltype(Requantize::loop) loop) {
  tulle_table_8 patterns, table;
  std::iota(std::begin(patterns.answers), std::end(patterns.answers), uint8_t{0});
  loop(patterns.answers, 256, &by, table.answers);
  return look_up(site, table);
}

Result<Kernel> from_codes(Site& site) {
  TULLE_TRY(const Affine x, affine(site, site.in(0), "input"));
  TULLE_TRY(const Affine y, affine(site, site.out(0), "output"));
  const DType from = site.in(0).dtype, to = site.out(0).dtype;
  if (from == DType::kInt16 && to == DType::kInt16 && (x.zero_point != 0 || y.zero_point != 0))
    return site.invalid("16-bit input and output have zero points {} and {}, must be 0", x.zero_point, y.zero_point);
  const tulle_requantize by = {tulle_factor_from(static_cast<double>(x.scale) / y.scale), x.zero_point, y.zero_point};
  for (const Requantize& row : kRequantize) {
    if (row.from != from || row.to != to) continue;
    if (bits(from) == 8 && bits(to) == 8) return by_table(site, by, row.loop);
    return [by, loop = row.loop, count = site.in(0).elements(), x_bytes = bits(from) / 8,
            y_bytes = bits(to) / 8](const Io& io) -> Result<void> {
      in_parts(io, count, 1, [&](int64_t at, int64_t size, int) {
        loop(io.in<std::byte>(0) + at * x_bytes, size, &by, io.out<std::byte>(0) + at * y_bytes);
      });
      return {};
    };
  }
  return site.unsupported("no way from {} to {}", name(from), name(to));
}

}  // namespace

extern const Op op_quantize = {
    .types = "f32 > i4|i8|u8|i16; i8|u8 > i8|u8|i16; i16 > i8|i16|i32; i32 > i8|i16",
    .shape = same_shape,
    .prepare = [](Site& site) -> Result<Kernel> {
      if (site.in(0).dtype != DType::kFloat32) return from_codes(site);
      switch (site.out(0).dtype) {
        case DType::kInt4: return from_reals_packed(site);
        case DType::kInt8: return from_reals(site, loops(site).tulle_ref_quantize_i8);
        case DType::kUint8: return from_reals(site, loops(site).tulle_ref_quantize_u8);
        default: return from_reals(site, tulle_ref_quantize_i16);
      }
    },
    .in_place = 1,
};

}  // namespace tulle::ops
