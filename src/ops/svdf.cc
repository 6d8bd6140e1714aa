// SVDF: reals, 8-bit weights, or int8 with a state of int16 or int8.
#include "ops/svdf.ref.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "kernels/float_conv.h"
#include "kernels/int_conv.h"
#include "ops/loops.h"
#include "ops/recurrent.h"

namespace tulle::ops {
namespace {

enum { kInput, kFeatures, kTime, kBias, kState };

Result<tulle_svdf> sizes(const Site& site) {
  for (int i : {kInput, kFeatures, kTime, kState})
    if (site.in(i).shape.rank() != 2)
      return site.invalid("input {} has shape {}, expected rank 2", i, to_string(site.in(i).shape));
  const Shape &input = site.in(kInput).shape, &features = site.in(kFeatures).shape, &time = site.in(kTime).shape;
  const int64_t rank = site.attributes().integer("rank");
  if (rank < 1 || rank > INT32_MAX || features[0] % rank != 0)
    return site.invalid("rank {} does not divide the {} filters of input 1", rank, features[0]);
  const tulle_svdf svdf = {input[0], input[1], static_cast<int32_t>(features[0] / rank), static_cast<int32_t>(rank),
                           time[1]};
  if (svdf.memory < 1) return site.invalid("input 2 has shape {}, a memory of nothing", to_string(time));
  TULLE_CHECK(need_shape(site, kFeatures, {features[0], svdf.input_size}));
  TULLE_CHECK(need_shape(site, kTime, {features[0], svdf.memory}));
  TULLE_CHECK(need_shape(site, kBias, {svdf.units}));
  const int64_t remembered = int64_t{svdf.memory} * features[0];
  if (remembered > kMaxElements)
    return site.invalid("{} filters that remember {} inputs are too many", features[0], svdf.memory);
  TULLE_CHECK(need_shape(site, kState, {svdf.batch, static_cast<int32_t>(remembered)}));
  return svdf;
}

Result<void> shape(Site& site) {
  TULLE_TRY(const tulle_svdf svdf, sizes(site));
  return site.set_shape(0, {svdf.batch, svdf.units});
}

kernels::Conv2d features_of(const tulle_svdf& svdf) {
  return {.in_h = svdf.batch, .in_c = svdf.input_size, .out_h = svdf.batch, .out_c = svdf.units * svdf.rank};
}
int64_t state_size(const tulle_svdf& svdf) { return int64_t{svdf.units} * svdf.rank * svdf.memory; }
bool empty(const tulle_svdf& svdf) { return std::min({svdf.batch, svdf.input_size, svdf.units}) == 0; }

/// TULLE_SVDF_SHIFT at once.
template <class State>
void forget(State* state, int64_t count) {
  std::memmove(state, state + 1, static_cast<size_t>(count - 1) * sizeof(State));
}

/// Reals, with the features of all the batch by vector kernels.
Result<std::optional<Kernel>> fast_real(Site& site, const tulle_svdf& svdf, tulle_activation activation) {
  if (site.float_kernels() == nullptr || site.in(kFeatures).dtype != DType::kFloat32 || !site.constant(kFeatures) ||
      empty(svdf))
    return std::nullopt;
  const kernels::FloatConv product(*site.kernels, features_of(svdf), site.workers);
  TULLE_TRY(const std::byte* packed,
            site.keep(svdf.input_size, product.packed_bytes(), [&](std::byte* to, ThreadPool* pool) {
              product.pack(site.in(kFeatures).as<float>(), nullptr, to, pool);
            }));
  const int64_t filters = features_of(svdf).out_c;
  const int answers = site.scratch(sizeof(float) * static_cast<uint64_t>(svdf.batch * filters));
  const int bands = site.scratch(product.scratch_bytes());
  return [=](const Io& io) -> Result<void> {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    auto* sums = reinterpret_cast<float*>(io.scratch[answers]);
    auto* state = io.state<float>(kState);
    product.run(io.in<float>(kInput), packed, io.scratch[bands], io.pool, {-kInfinity, kInfinity, sums});
    forget(state, svdf.batch * state_size(svdf));
    for (int64_t b = 0; b < svdf.batch; ++b)
      tulle_ref_svdf_answer_f32(&svdf, io.in<float>(kTime), nullptr, 0, io.in<float>(kBias), activation,
                                sums + b * filters, state + b * state_size(svdf), io.out<float>(0) + b * svdf.units);
    return {};
  };
}

/// The same of int8; `answer` is the plain loop for one of the batch.
template <class State>
Result<std::optional<Kernel>> fast_integer(Site& site, const tulle_svdf_i8& svdf, auto* answer) {
  const tulle_svdf& shape = svdf.shape;
  if (site.kernels == nullptr || !site.constant(kFeatures) || empty(shape)) return std::nullopt;
  kernels::IntConv product(*site.kernels, features_of(shape), kernels::Bytes8::kInt8, site.workers, false);
  if (!product.sensible()) return std::nullopt;
  TULLE_TRY(const std::byte* packed,
            site.keep(shape.input_size, product.packed_bytes(), [&](std::byte* to, ThreadPool* pool) {
              product.pack(site.in(kFeatures).as<uint8_t>(), 0, to, pool);
            }));
  product.use(packed);
  const int64_t filters = features_of(shape).out_c;
  const int dots = site.scratch(sizeof(uint32_t) * static_cast<uint64_t>(shape.batch * filters));
  const int bands = site.scratch(product.scratch_bytes());
  return [=, product = std::move(product)](const Io& io) -> Result<void> {
    auto* sums = reinterpret_cast<uint32_t*>(io.scratch[dots]);
    auto* state = io.state<State>(kState);
    const auto inner = static_cast<uint32_t>(product.inner_zero(svdf.input_zero_point));
    const auto emit = [&](const kernels::Sums& tile) {
      const int32_t* weights = product.slots().data() + tile.slot;
      for (int32_t m = 0; m < tile.rows; ++m)
        for (int32_t c = 0; c < tile.channels; ++c)
          sums[(tile.pixel + m) * filters + tile.channel + c] =
              static_cast<uint32_t>(tile.sums[m * tile.stride + c]) - inner * static_cast<uint32_t>(weights[c]);
    };
    product.run(io.in<int8_t>(kInput), &svdf.input_zero_point, INT64_MAX, io.scratch[bands], io.pool,
                kernels::emit_to(emit));
    forget(state, svdf.shape.batch * state_size(svdf.shape));
    for (int64_t b = 0; b < svdf.shape.batch; ++b)
      answer(&svdf, sums + b * filters, io.in<State>(kTime), io.in<int32_t>(kBias), state + b * state_size(svdf.shape),
             io.out<int8_t>(0) + b * svdf.shape.units);
    return {};
  };
}

Result<Kernel> prepare_real(Site& site, const tulle_svdf& svdf) {
  TULLE_CHECK(need_weight_scale(site, kFeatures));
  TULLE_CHECK(need_weight_scale(site, kTime));
  TULLE_TRY(const tulle_activation activation, recurrent_activation(site));
  TULLE_TRY(std::optional<Kernel> fast, fast_real(site, svdf, activation));
  if (fast.has_value()) return *std::move(fast);
  const tulle_vector_codes kind = vector_codes(site, kFeatures);
  const int filters[] = {kFeatures};
  const int answers = site.scratch(sizeof(float) * static_cast<uint64_t>(site.in(kFeatures).shape[0]));
  const int codes = site.scratch(static_cast<uint64_t>(svdf.input_size));
  return [=, sums = RowSums(site, filters, kind)](const Io& io) mutable -> Result<void> {
    tulle_matrix features = matrix(io.inputs[kFeatures]);
    const tulle_matrix time = matrix(io.inputs[kTime]);
    tulle_matrix* const matrices[] = {&features};
    sums.attach(matrices);
    tulle_ref_svdf_f32(&svdf, io.in<float>(kInput), &features, kind, time.reals, time.codes, time.scale,
                       io.in<float>(kBias), activation, io.state<float>(kState), io.out<float>(0),
                       reinterpret_cast<float*>(io.scratch[answers]), reinterpret_cast<int8_t*>(io.scratch[codes]));
    return {};
  };
}

template <class State>
Result<Kernel> prepare_integer(Site& site, const tulle_svdf& shape, auto* loop, auto* answer) {
  for (int i : {kInput, kFeatures, kTime, kState}) TULLE_CHECK(need_weight_scale(site, i));
  TULLE_CHECK(need_quantized(site, &site.out(0), "output 0"));
  // The output's zero point is its least code, so that clamping to the type is the RELU.
  if (const auto name = site.attributes().symbol("fused_activation_function", "NONE"); name != "RELU")
    return site.unsupported("fused activation {} with an int8 output, expected RELU", name);
  const auto scale = [&](int i) { return static_cast<double>(site.in(i).scale()); };
  tulle_svdf_i8 svdf = {};
  svdf.shape = shape;
  svdf.input_zero_point = static_cast<int32_t>(site.in(kInput).zero_point());
  svdf.state_zero_point = sizeof(State) == 1 ? static_cast<int32_t>(site.in(kState).zero_point()) : 0;
  svdf.output_zero_point = static_cast<int32_t>(site.out(0).zero_point());
  svdf.feature_factor = tulle_factor_from(scale(kInput) * scale(kFeatures) / scale(kState));
  svdf.time_factor = tulle_factor_from(scale(kState) * scale(kTime) / static_cast<double>(site.out(0).scale()));
  TULLE_TRY(std::optional<Kernel> fast, fast_integer<State>(site, svdf, answer));
  if (fast.has_value()) return *std::move(fast);
  const int dots = site.scratch(sizeof(uint32_t) * static_cast<uint64_t>(features_of(shape).out_c));
  return [svdf, loop, dots](const Io& io) -> Result<void> {
    loop(&svdf, io.in<int8_t>(kInput), io.in<int8_t>(kFeatures), io.in<State>(kTime), io.in<int32_t>(kBias),
         reinterpret_cast<uint32_t*>(io.scratch[dots]), io.state<State>(kState), io.out<int8_t>(0));
    return {};
  };
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(const tulle_svdf svdf, sizes(site));
  TULLE_CHECK(need_variable(site, kState));
  switch (site.in(kState).dtype) {
    case DType::kInt16:
      return prepare_integer<int16_t>(site, svdf, tulle_ref_svdf_i8_i16, loops(site).tulle_ref_svdf_i8_i16_answer);
    case DType::kInt8:
      return prepare_integer<int8_t>(site, svdf, tulle_ref_svdf_i8_i8, loops(site).tulle_ref_svdf_i8_i8_answer);
    default: return prepare_real(site, svdf);
  }
}

}  // namespace

extern const Op op_svdf = {
    .types =
        "f32 f32 f32 f32? f32 > f32; f32 W W f32? f32 > f32 : W=i8 u8;"
        "i8 i8 i16 i32? i16 > i8; i8 i8 i8 i32? i8 > i8",
    .shape = shape,
    .prepare = prepare,
    .stateful = true,
};

}  // namespace tulle::ops
