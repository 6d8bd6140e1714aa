// What a host tells of its models.
#include "host_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graph/graph.h"

namespace tulle {

wasi_nn_tensor HostTensor::record() {
  const auto* dims = reinterpret_cast<const uint32_t*>(shape.begin());
  return wasi_nn_tensor_of(dtype == DType::kFloat32 ? WASI_NN_F32 : WASI_NN_U8, dims,
                           static_cast<uint32_t>(shape.rank()), data.data());
}

Tensor HostTensor::view() {
  return {.name = name,
          .dtype = dtype,
          .shape = shape,
          .quantization = &quantization,
          .data = data.data(),
          .bytes = data.size()};
}

Result<void> done(wasi_nn_error error) {
  char why[1000];
  if (error == WASI_NN_SUCCESS) return {};
  return fail(ErrorCode::kRuntime, "{}", wasi_nn_why(error, why, sizeof why));
}

Result<HostTensor> describe(Info* info, wasi_nn_graph graph, uint32_t index) {
  uint32_t size = 0;
  if (const auto error = info(graph, index, nullptr, 0, &size); error != WASI_NN_TOO_LARGE) TULLE_CHECK(done(error));
  std::string text(size, ' ');
  TULLE_CHECK(done(info(graph, index, text.data(), size, &size)));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object())
    return fail(ErrorCode::kRuntime, "the host tells of inputs and outputs otherwise than in JSON");
  HostTensor tensor{.name = json["name"], .key = json["key"].is_string() ? json["key"] : json["name"]};
  const auto dtype = parse_dtype(json["dtype"].get<std::string>());
  for (const int32_t dim : json["shape"]) tensor.shape.push_back(std::max(dim, 1));
  if (dtype != DType::kFloat32 && dtype != DType::kInt8 && dtype != DType::kUint8)
    return fail(ErrorCode::kUnsupported, "{:?} is {}, not float32, int8 or uint8", tensor.name,
                json["dtype"].get<std::string>());
  tensor.dtype = *dtype;
  if (json["scale"] > 0) tensor.quantization = {.scale = {json["scale"]}, .zero_point = {json["zero_point"]}};
  tensor.data.resize(static_cast<size_t>(byte_size(*dtype, tensor.shape.elements())));
  return tensor;
}

Result<Preparation> parse_preparation(const std::string& json) {
  Model model;  // of which nothing but the metadata is looked at
  if (json.empty()) return Preparation{};
  model.buffers = {{}, Buffer::copy(std::as_bytes(std::span(json)))};
  model.metadata = {{"TULLE_PREPARE", 1}};
  return own_preparation(model);
}

}  // namespace tulle
