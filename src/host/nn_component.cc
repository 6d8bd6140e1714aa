// What components do with models: tensors by name, all inputs and all outputs in one call.
#include "host/nn_component.h"

#include <charconv>
#include <vector>

#include "host/ending.h"
#include "host/nn.h"

namespace tulle::host {
namespace {

Nn& of(void* nn) { return *static_cast<Nn*>(nn); }

int32_t answer(Nn& nn, const NnError& error, bool* over = nullptr) {
  nn.set_last_error(error.message);
  if (over != nullptr) *over = error.limit;
  return static_cast<int32_t>(error.code);
}

/// Gives a number, or says why there is none.
int32_t give(Nn& nn, const NnResult<uint32_t>& made, uint32_t& out, bool& over) {
  if (!made) return answer(nn, made.error(), &over);
  out = *made;
  return 0;
}

/// The types of tensors in WIT, by their numbers.
constexpr std::string_view kWitTypes[] = {"FP16", "FP32", "FP64", "BF16", "U8", "I32", "I64"};

/// The number of a type; that of bytes where it has none.
uint32_t wit_type(DType type) {
  switch (type) {
    case DType::kFloat16: return 0;
    case DType::kFloat32: return 1;
    case DType::kFloat64: return 2;
    case DType::kBfloat16: return 3;
    case DType::kInt32: return 5;
    case DType::kInt64: return 6;
    default: return 4;
  }
}

/// An input by name or, as other hosts take it too, by a number in its place.
NnResult<uint32_t> find_input(const NnContext& context, std::string_view name) {
  auto found = context.find_input(name);
  uint32_t index = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool is_number = read.ec == std::errc() && read.ptr == name.data() + name.size();
  if (!found && is_number && context.input(index) != nullptr) return index;
  return found;
}

/// Calls work(context) on one that nobody else works on.
template <class Work>
int32_t with(void* nn, uint32_t handle, Work&& work) {
  const auto context = of(nn).context(handle);
  if (!context) return answer(of(nn), context.error());
  const auto use = (*context)->use();
  if (!use) return answer(of(nn), use.error());
  const NnResult<void> result = work(**context);
  return result ? 0 : answer(of(nn), result.error());
}

int32_t load(void* nn, EngineBytes model, uint32_t encoding, uint32_t target, uint32_t& graph, bool& over) {
  // WIT has GGML where witx looks at the bytes.
  constexpr uint32_t kGgml = 5;
  if (encoding == kGgml) return answer(of(nn), {Errno::kInvalidEncoding, "GGML graphs are not read"}, &over);
  return give(of(nn), of(nn).load(bytes_of(model), encoding, target), graph, over);
}

int32_t load_by_name(void* nn, EngineBytes name, uint32_t& graph, bool& over) {
  return give(of(nn), of(nn).load_by_name(text(name), {}), graph, over);
}

int32_t init(void* nn, uint32_t graph, uint32_t& context, bool& over) {
  return give(of(nn), of(nn).init_context(graph), context, over);
}

int32_t set_input(void* nn, uint32_t context, EngineBytes name, const EngineTensor& tensor) {
  return with(nn, context, [&](NnContext& to) -> NnResult<void> {
    if (auto attached = to.attached(); !attached) return attached;
    const auto index = find_input(to, text(name));
    if (!index) return std::unexpected(index.error());
    // Other guests number types in three ways, which are all taken; here a number means one type.
    const Tensor& input = *to.input(*index);
    const uint32_t wanted = wit_type(input.dtype);
    if (tensor.type != wanted)
      return refuse(Errno::kInvalidArgument, "input {} {:?} of {}: it takes type {}, not {}", *index, shown(input.name),
                    tulle::name(input.dtype), kWitTypes[wanted], kWitTypes[tensor.type]);
    return to.set_input(*index,
                        {{tensor.dims, tensor.dim_count}, static_cast<uint8_t>(tensor.type), bytes_of(tensor.data)});
  });
}

int32_t compute(void* nn, uint32_t context) {
  return with(nn, context, [&](NnContext& to) -> NnResult<void> {
    if (auto attached = to.attached(); !attached) return attached;
    return of(nn).compute(to);
  });
}

int32_t outputs(void* nn, uint32_t context, void* user,
                void (*take)(void* user, EngineBytes name, const EngineTensor& tensor)) {
  return with(nn, context, [&](NnContext& from) -> NnResult<void> {
    for (uint32_t index = 0; const Tensor* tensor = from.output_tensor(index); ++index) {
      const auto bytes = from.output(index);
      if (!bytes) return std::unexpected(bytes.error());
      const std::vector<uint32_t> dims(tensor->shape.begin(), tensor->shape.end());
      take(user, view(from.output_name(index)), {dims.data(), dims.size(), wit_type(tensor->dtype), view(*bytes)});
    }
    return {};
  });
}

}  // namespace

EngineNn component_functions() {
  return {.load = load,
          .load_by_name = load_by_name,
          .unload = [](void* nn, uint32_t graph) { (void)of(nn).unload(graph); },
          .init = init,
          .finalize = [](void* nn, uint32_t context) { (void)of(nn).finalize_context(context); },
          .set_input = set_input,
          .compute = compute,
          .outputs = outputs,
          .last_error =
              [](void* nn, EngineSink words) {
                const std::string error = of(nn).last_error();
                words.take(words.user, view(error));
              }};
}

}  // namespace tulle::host
