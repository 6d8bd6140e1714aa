// SVDF: reals, 8-bit weights, or int8 with a state of int16 or int8.
#include "ops/svdf.ref.h"

#include <cmath>

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

Result<Kernel> prepare_real(Site& site, const tulle_svdf& svdf) {
  TULLE_CHECK(need_weight_scale(site, kFeatures));
  TULLE_CHECK(need_weight_scale(site, kTime));
  TULLE_TRY(const tulle_activation activation, recurrent_activation(site));
  const tulle_vector_codes kind = vector_codes(site, kFeatures);
  const int filters[] = {kFeatures};
  const int answers = site.scratch(sizeof(float) * static_cast<size_t>(site.in(kFeatures).shape[0]));
  const int codes = site.scratch(static_cast<size_t>(svdf.input_size));
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
Result<Kernel> prepare_integer(Site& site, const tulle_svdf& shape, auto* loop) {
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
  return [svdf, loop](const Io& io) -> Result<void> {
    loop(&svdf, io.in<int8_t>(kInput), io.in<int8_t>(kFeatures), io.in<State>(kTime), io.in<int32_t>(kBias),
         io.state<State>(kState), io.out<int8_t>(0));
    return {};
  };
}

Result<Kernel> prepare(Site& site) {
  TULLE_TRY(const tulle_svdf svdf, sizes(site));
  TULLE_CHECK(need_variable(site, kState));
  switch (site.in(kState).dtype) {
    case DType::kInt16: return prepare_integer<int16_t>(site, svdf, tulle_ref_svdf_i8_i16);
    case DType::kInt8: return prepare_integer<int8_t>(site, svdf, tulle_ref_svdf_i8_i8);
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
