// wasmedge_tensorflowlite: a session is a model and its one context; tensors have names, and no types.
#include "host/nn_calls.h"

namespace tulle::host {
namespace {

/// Calls work(context) for a context that is a session.
template <class Work>
int32_t with_session(NnCall& call, uint32_t session, Work&& work) {
  return with_attached_context(call, session, [&](NnContext& context) -> NnResult<void> {
    if (!context.own_graph) return refuse(Errno::kInvalidArgument, "there is no session {}", session);
    return work(context);
  });
}

int32_t create_session(NnCall& call, const uint32_t* a) {
  return answer(call, [&]() -> NnResult<void> {
    const auto bytes = bytes_at(call, a[0], a[1]);
    if (!bytes) return outside("the model");
    return give_number(call, a[2], [&]() -> NnResult<uint32_t> {
      const auto graph = call.nn.load(*bytes, static_cast<uint32_t>(Encoding::kTensorFlowLite), 0);
      if (!graph) return graph;
      const auto context = call.nn.init_context(*graph);
      if (!context) {
        (void)call.nn.unload(*graph);
        return context;
      }
      (*call.nn.context(*context))->own_graph = *graph;
      return context;
    });
  }());
}

int32_t delete_session(NnCall& call, const uint32_t* a) {
  return answer(call, [&]() -> NnResult<void> {
    const auto context = call.nn.context(a[0]);
    if (!context) return std::unexpected(context.error());
    if (!(*context)->own_graph) return refuse(Errno::kInvalidArgument, "there is no session {}", a[0]);
    if (auto unloaded = call.nn.unload(*(*context)->own_graph); !unloaded) return unloaded;
    return call.nn.finalize_context(a[0]);
  }());
}

int32_t run_session(NnCall& call, const uint32_t* a) {
  return with_session(call, a[0], [&](NnContext& context) { return call.nn.compute(context); });
}

/// A tensor is the output's position.
int32_t get_output_tensor(NnCall& call, const uint32_t* a) {
  return with_session(call, a[0], [&](NnContext& context) -> NnResult<void> {
    const auto name = text_at(call, a[1], a[2]);
    if (!name) return outside("the name");
    return give_number(call, a[3], [&] { return context.find_output(*name); });
  });
}

int32_t get_tensor_len(NnCall& call, const uint32_t* a) {
  return with_session(call, a[0], [&](NnContext& context) {
    return give_number(call, a[2], [&]() -> NnResult<uint32_t> {
      const auto bytes = context.output(a[1]);
      if (!bytes) return std::unexpected(bytes.error());
      return static_cast<uint32_t>(bytes->size());
    });
  });
}

int32_t get_tensor_data(NnCall& call, const uint32_t* a) {
  return with_session(call, a[0], [&](NnContext& context) -> NnResult<void> {
    const auto bytes = context.output(a[1]);
    if (!bytes) return std::unexpected(bytes.error());
    return give(call, *bytes, a[2], a[3], a[4]);
  });
}

int32_t append_input(NnCall& call, const uint32_t* a) {
  return with_session(call, a[0], [&](NnContext& context) -> NnResult<void> {
    const auto name = text_at(call, a[1], a[2]);
    const auto data = bytes_at(call, a[3], a[4]);
    if (!name || !data) return outside("the name or the data");
    const auto index = context.find_input(*name);
    if (!index) return std::unexpected(index.error());
    return context.set_input(*index, *data);
  });
}

constexpr std::string_view kModule = "wasmedge_tensorflowlite";
constexpr DoorFunction kFunctions[] = {
    {kModule, "create_session", 3, create_session}, {kModule, "delete_session", 1, delete_session},
    {kModule, "run_session", 1, run_session},       {kModule, "get_output_tensor", 4, get_output_tensor},
    {kModule, "get_tensor_len", 3, get_tensor_len}, {kModule, "get_tensor_data", 5, get_tensor_data},
    {kModule, "append_input", 5, append_input},
};

}  // namespace

std::span<const DoorFunction> session_functions() { return kFunctions; }

}  // namespace tulle::host
