// MUL: the product of two operands that stretch to a common shape, with a fused activation.
#include <algorithm>
#include <numeric>

#include "ops/arithmetic.h"
#include "ops/code_pairs.h"
#include "ops/loops.h"
#include "ops/unary.h"

namespace tulle::ops {
namespace {

Result<Kernel> quantized(const Site& site) {
  const DType type = site.out(0).dtype;
  // Converters give a constant of zeros the scale 0: an LSTM's first state.
  TULLE_TRY(const Affine a, affine(site, site.in(0), "input 0", true));
  TULLE_TRY(const Affine b, affine(site, site.in(1), "input 1", true));
  const bool wide = site.in(0).dtype == DType::kInt16;
  if (wide && (a.zero_point != 0 || b.zero_point != 0))
    return site.invalid("int16 inputs have zero points {} and {}, expected 0", a.zero_point, b.zero_point);
  // The scales are multiplied as floats.
  TULLE_TRY(const tulle_result to, quantized_result(site, a.scale * b.scale / site.out(0).scale()));
  const tulle_offsets offsets = {a.zero_point, b.zero_point, to};
  switch (type) {
    case DType::kInt16: return broadcast(site, tulle_ref_mul_q16, offsets);
    case DType::kInt8:
      return wide ? broadcast(site, tulle_ref_mul_i16_i8, to) : code_products<int8_t>(site, tulle_ref_mul_i8, offsets);
    default:
      return wide ? broadcast(site, tulle_ref_mul_i16_u8, to) : code_products<uint8_t>(site, tulle_ref_mul_u8, offsets);
  }
}

/// The operand of x * logistic(x), where the logistic is for this product alone; -1 for another product.
int gate(const Site& site) {
  for (int i = 0; i < 2; ++i) {
    const std::optional<Site> maker = site.maker(i);
    if (maker.has_value() && op_name(*maker->node) == "LOGISTIC" && maker->inputs[0] == site.inputs[1 - i]) return i;
  }
  return -1;
}

/// x * logistic(x) of 8-bit codes: the answers of both operators for all codes, as a table.
Result<Kernel> gated_codes(Site& site, int gate) {
  constexpr int kCodes = 256;
  uint8_t codes[3][kCodes];
  std::iota(std::begin(codes[0]), std::end(codes[0]), uint8_t{0});
  const auto all_codes = [&](const Tensor& like, uint8_t* data) {
    return Tensor{like.name, like.dtype, Shape{kCodes}, like.quantization, reinterpret_cast<std::byte*>(data), kCodes};
  };
  Tensor x = all_codes(site.in(1 - gate), codes[0]), g = all_codes(site.in(gate), codes[1]);
  Tensor y = all_codes(site.out(0), codes[2]);
  Site inner = site;
  inner.node = site.maker(gate)->node;
  inner.inputs = {&x};
  inner.outputs = {&g};
  TULLE_TRY(Kernel logistic, find(*inner.node)->op->prepare(inner));
  TULLE_CHECK(logistic({inner.inputs, inner.outputs, {}, site.host}));
  inner.node = site.node;
  inner.inputs = gate == 1 ? std::vector<Tensor*>{&x, &g} : std::vector<Tensor*>{&g, &x};
  inner.outputs = {&y};
  TULLE_TRY(Kernel product, quantized(inner));
  TULLE_CHECK(product({inner.inputs, inner.outputs, {}, site.host}));
  tulle_table_8 table;
  std::ranges::copy(codes[2], table.answers);
  return look_up(site, table, 1 - gate);
}

/// Where one operand is the logistic of the other, both at once.
Result<std::optional<Kernel>> gated(Site& site) {
  const int gate = ops::gate(site);
  if (gate < 0) return std::nullopt;
  std::optional<Kernel> kernel;
  if (site.out(0).dtype == DType::kInt8 || site.out(0).dtype == DType::kUint8) {
    TULLE_TRY(kernel, gated_codes(site, gate));
  } else if (site.out(0).dtype == DType::kFloat32 && site.float_kernels() != nullptr) {
    TULLE_TRY(const tulle_bounds_f32 bounds, bounds_of<tulle_bounds_f32>(site));
    if (bounds.low > std::numeric_limits<float>::lowest() || bounds.high < std::numeric_limits<float>::max())
      return std::nullopt;
    kernel = by_kernel(site, &kernels::Kernels::swish, 1 - gate);
  }
  if (kernel.has_value()) site.host->absorb(site.in(gate));
  return kernel;
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(std::optional<Kernel> both, gated(site));
  if (both.has_value()) return *std::move(both);
  switch (site.out(0).dtype) {
    case DType::kFloat32: return bounded<tulle_bounds_f32>(site, loops(site).tulle_ref_mul_f32);
    case DType::kFloat16: return bounded<tulle_bounds_f32>(site, tulle_ref_mul_f16);
    case DType::kInt32: return bounded<tulle_bounds_i32>(site, tulle_ref_mul_i32);
    case DType::kUint32: return bounded<tulle_bounds_u32>(site, tulle_ref_mul_u32);
    case DType::kInt64: return bounded<tulle_bounds_i64>(site, tulle_ref_mul_i64);
    case DType::kComplex64: {
      TULLE_TRY(const RangeF32 range, activation_range(site));
      if (range.high != std::numeric_limits<float>::max() || range.low != std::numeric_limits<float>::lowest())
        return site.unsupported("a fused activation of complex numbers");
      return broadcast(site, tulle_ref_mul_c64, tulle_nothing{});
    }
    case DType::kInt16:
      if (!is_quantized(site.out(0))) return bounded<tulle_bounds_i16>(site, tulle_ref_mul_i16);
      [[fallthrough]];
    default: return quantized(site);
  }
}

}  // namespace

extern const Op op_mul = {
    .types = "T T > T : T=f32 f16 i8 u8 i16 i32 u32 i64 c64; i16 i16 > i8|u8",
    .shape = broadcast_shape,
    .prepare = prepare,
    .in_place = 3,
    .piecewise = true,
};

}  // namespace tulle::ops
