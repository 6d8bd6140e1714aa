// Contexts: a session whose inputs and outputs lie in memory of the context.
#include "host/nn_context.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

namespace tulle::host {
namespace {

/// What a failure of the engine is to a guest.
std::unexpected<NnError> passed_on(Error error) {
  Errno code = Errno::kRuntimeError;
  if (error.code == ErrorCode::kUnsupported) code = Errno::kUnsupportedOperation;
  if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kInvalidFile)
    code = Errno::kInvalidArgument;
  return std::unexpected(NnError{code, std::move(error.message)});
}

const Graph& main_graph(const NnGraph& graph) { return graph.loaded->model->graphs[0]; }

const Signature* main_signature(const NnGraph& graph) {
  const auto& all = graph.loaded->model->signatures;
  const auto found = std::ranges::find(all, 0U, &Signature::graph);
  return found == all.end() ? nullptr : &*found;
}

/// One of these operands of the main graph, which a signature calls by one of these entries.
std::string info(const NnGraph& of, std::vector<int32_t> Graph::* operands,
                 std::vector<Signature::Entry> Signature::* entries, uint32_t index) {
  const Graph& graph = main_graph(of);
  if (index >= (graph.*operands).size()) return {};
  const int32_t operand = (graph.*operands)[index];
  const Value& value = graph.values[static_cast<size_t>(operand)];
  nlohmann::ordered_json out{{"name", value.name}, {"key", nullptr}, {"dtype", name(value.dtype)}};
  if (const Signature* signature = main_signature(of))
    for (const Signature::Entry& entry : signature->*entries)
      if (static_cast<int32_t>(entry.value) == operand) out["key"] = entry.name;
  out["shape"] = value.signature.value_or(value.shape).dims();
  const Tensor tensor{.quantization = value.quantization.get()};
  out["scale"] = tensor.scale();
  out["zero_point"] = tensor.zero_point();
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// Whether an input may have this shape: where the model leaves dimensions free, any.
bool takes(const Value& value, const Shape& shape) {
  const Shape wanted = value.signature.value_or(value.shape);
  return wanted.rank() == shape.rank() && std::ranges::equal(wanted, shape, [](int32_t free, int32_t given) {
           return free == given || free == kUnknown;
         });
}

/// The dimensions as a shape; nothing where they are too many or too large.
std::optional<Shape> shape_of(std::span<const uint32_t> dims) {
  Shape shape;
  for (const uint32_t dim : dims)
    if (dim > INT32_MAX || !shape.push_back(static_cast<int32_t>(dim))) return std::nullopt;
  return shape;
}

NnResult<uint32_t> find(std::span<const Port> ports, const Graph& graph, std::string_view name, std::string_view what) {
  std::string_view plain = name;
  if (plain.ends_with(":0")) plain.remove_suffix(2);
  for (const std::string_view wanted : {name, plain}) {
    for (uint32_t i = 0; i < ports.size(); ++i)
      if (ports[i].name == wanted) return i;
    for (uint32_t i = 0; i < ports.size(); ++i)
      if (graph.values[static_cast<size_t>(ports[i].value)].name == wanted) return i;
  }
  std::string names;
  for (const Port& port : ports) names += fmt::format("{}{:?}", names.empty() ? "" : ", ", shown(port.name));
  return refuse(Errno::kNotFound, "no {} {:?}; there are {}: {}", what, shown(name), ports.size(), names);
}

}  // namespace

int32_t NnGraph::inputs() const { return static_cast<int32_t>(main_graph(*this).inputs.size()); }
int32_t NnGraph::outputs() const { return static_cast<int32_t>(main_graph(*this).outputs.size()); }

std::string NnGraph::input_info(uint32_t index) const { return info(*this, &Graph::inputs, &Signature::inputs, index); }
std::string NnGraph::output_info(uint32_t index) const {
  return info(*this, &Graph::outputs, &Signature::outputs, index);
}

NnResult<std::shared_ptr<NnContext>> NnContext::create(std::shared_ptr<NnGraph> graph, std::shared_ptr<NnBytes> quota,
                                                       Clock::time_point deadline) {
  std::shared_ptr<NnContext> made(new NnContext(std::move(graph), std::move(quota)));
  SessionOptions options;
  options.threads = made->graph_->threads;
  options.constants = made->graph_->loaded->constants;
  options.memory_limit = made->bytes_.left();
  options.deadline = deadline;
  auto session = Session::create(made->graph_->loaded->model, std::move(options));
  if (!session) return passed_on(std::move(session).error());
  made->session_ = *std::move(session);
  made->inputs_.resize(made->session_->inputs().size());
  made->outputs_.resize(made->session_->outputs().size());
  if (auto held = made->hold(); !held) return std::unexpected(std::move(held).error());
  return made;
}

NnResult<NnContext::Use> NnContext::use() {
  Use use(mutex_, std::try_to_lock);
  if (!use.owns_lock()) return refuse(Errno::kBusy, "the context is at work for another thread");
  return use;
}

NnResult<void> NnContext::attached() const {
  if (graph_->detached) return refuse(Errno::kInvalidArgument, "the graph of the context is unloaded");
  return {};
}

NnResult<uint32_t> NnContext::find_input(std::string_view name) const {
  return find(session_->inputs(), main_graph(*graph_), name, "input");
}
NnResult<uint32_t> NnContext::find_output(std::string_view name) const {
  return find(session_->outputs(), main_graph(*graph_), name, "output");
}

NnResult<void> NnContext::hold() {
  // The session is what it was before, or prepared for new shapes; what it takes is counted anew.
  uint64_t bytes = session_->memory().arena_bytes + session_->memory().variable_bytes;
  for (size_t i = 0; i < inputs_.size(); ++i) bytes += session_->input(static_cast<int>(i)).bytes;
  for (size_t i = 0; i < outputs_.size(); ++i) bytes += session_->output(static_cast<int>(i)).bytes;
  if (!bytes_.hold(bytes)) return refuse(Errno::kRuntimeError, "a context of {} bytes is over the limit", bytes);
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const Tensor& tensor = session_->input(static_cast<int>(i));
    if (!inputs_[i].data.reserve(tensor.bytes))
      return refuse(Errno::kRuntimeError, "no memory for an input of {} bytes", tensor.bytes);
    inputs_[i].bytes = tensor.bytes;
    inputs_[i].bound = session_->bind_input(static_cast<int>(i), inputs_[i].data.data(), tensor.bytes).has_value();
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const Tensor& tensor = session_->output(static_cast<int>(i));
    if (!outputs_[i].reserve(tensor.bytes))
      return refuse(Errno::kRuntimeError, "no memory for an output of {} bytes", tensor.bytes);
    // One of a size that hangs on values stays where it is, and is copied after each compute.
    (void)session_->bind_output(static_cast<int>(i), outputs_[i].data(), tensor.bytes);
  }
  return {};
}

NnResult<void> NnContext::set_input(uint32_t index, const NnTensor& tensor) {
  if (index >= inputs_.size()) return refuse(Errno::kInvalidArgument, "input {} of {}", index, inputs_.size());
  const int i = static_cast<int>(index);
  const Value& value = main_graph(*graph_).values[static_cast<size_t>(session_->inputs()[index].value)];
  const auto shape = shape_of(tensor.dims);
  const auto wrong = [&](std::string_view what) {
    return refuse(Errno::kInvalidArgument, "input {} {:?}: {}; it takes {} {}", index, shown(value.name), what,
                  name(value.dtype), to_string(value.signature.value_or(value.shape)));
  };
  if (!shape) return wrong(fmt::format("{} dimensions, or one over 2^31", tensor.dims.size()));
  if (!takes(value, *shape)) return wrong("the shape is " + to_string(*shape));
  if (!fits(tensor.type, shape->elements(), tensor.data.size(), value.dtype))
    return wrong(fmt::format("type {} with {} bytes", tensor.type, tensor.data.size()));
  if (*shape != session_->input(i).shape) {
    auto resized = session_->resize(i, *shape);
    if (resized) resized = session_->prepare();
    if (!resized) return passed_on(std::move(resized).error());
    computed_ = false;
    if (auto held = hold(); !held) return held;
  }
  return set_input(index, tensor.data);
}

NnResult<void> NnContext::set_input(uint32_t index, std::span<const std::byte> data) {
  if (index >= inputs_.size()) return refuse(Errno::kInvalidArgument, "input {} of {}", index, inputs_.size());
  Input& input = inputs_[index];
  const Tensor& tensor = session_->input(static_cast<int>(index));
  const bool any_size = bits(tensor.dtype) == 0;
  if (!any_size && data.size() != tensor.bytes)
    return refuse(Errno::kInvalidArgument, "input {} {:?}: {} bytes; it takes {}", index, shown(tensor.name),
                  data.size(), tensor.bytes);
  if (any_size && !input.data.reserve(data.size()))
    return refuse(Errno::kRuntimeError, "no memory for an input of {} bytes", data.size());
  input.bytes = data.size();
  if (!data.empty()) std::memcpy(input.data.data(), data.data(), data.size());
  input.is_set = true;
  return {};
}

const Tensor* NnContext::input(uint32_t index) const {
  return index < inputs_.size() ? &session_->input(static_cast<int>(index)) : nullptr;
}
const Tensor* NnContext::output_tensor(uint32_t index) const {
  return index < outputs_.size() ? &session_->output(static_cast<int>(index)) : nullptr;
}

std::string_view NnContext::output_name(uint32_t index) const {
  return index < outputs_.size() ? std::string_view(session_->outputs()[index].name) : std::string_view();
}

NnResult<void> NnContext::compute() {
  computed_ = false;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i].is_set)
      return refuse(Errno::kInvalidArgument, "input {} {:?} is not set", i, shown(session_->inputs()[i].name));
    if (inputs_[i].bound) continue;
    auto set =
        session_->set_input(static_cast<int>(i), {inputs_[i].data.data(), static_cast<size_t>(inputs_[i].bytes)});
    if (!set) return passed_on(std::move(set).error());
  }
  auto ran = session_->run();
  if (!ran) {
    auto failed = passed_on(std::move(ran).error());
    failed.error().code = Errno::kRuntimeError;
    return failed;
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const Tensor& tensor = session_->output(static_cast<int>(i));
    if (tensor.data == outputs_[i].data()) continue;
    if (!outputs_[i].reserve(tensor.bytes))
      return refuse(Errno::kRuntimeError, "no memory for an output of {} bytes", tensor.bytes);
    if (tensor.bytes != 0) std::memcpy(outputs_[i].data(), tensor.data, static_cast<size_t>(tensor.bytes));
  }
  computed_ = true;
  return {};
}

NnResult<std::span<const std::byte>> NnContext::output(uint32_t index) const {
  if (index >= outputs_.size()) return refuse(Errno::kInvalidArgument, "output {} of {}", index, outputs_.size());
  if (!computed_) return refuse(Errno::kRuntimeError, "nothing is computed");
  const Tensor& tensor = session_->output(static_cast<int>(index));
  return std::span<const std::byte>(outputs_[index].data(), static_cast<size_t>(tensor.bytes));
}

NnResult<void> NnContext::check_output(uint32_t index, const NnTensor& tensor) const {
  if (index >= outputs_.size()) return refuse(Errno::kInvalidArgument, "output {} of {}", index, outputs_.size());
  const Tensor& own = session_->output(static_cast<int>(index));
  const Value& value = main_graph(*graph_).values[static_cast<size_t>(session_->outputs()[index].value)];
  const auto shape = shape_of(tensor.dims);
  if (!shape || !takes(value, *shape))
    return refuse(Errno::kInvalidArgument, "output {} {:?} is {}", index, shown(value.name), to_string(own.shape));
  // The region may be larger than it has to be: its type is judged by the bytes that the shape takes.
  const uint64_t needed =
      bits(value.dtype) == 0 ? own.bytes : static_cast<uint64_t>(byte_size(value.dtype, shape->elements()));
  if (!fits(tensor.type, shape->elements(), needed, value.dtype))
    return refuse(Errno::kInvalidArgument, "output {} {:?} is {}, not of type {}", index, shown(value.name),
                  name(value.dtype), tensor.type);
  if (tensor.data.size() < needed)
    return refuse(Errno::kTooLarge, "output {} {:?} has {} bytes, the memory for it {}", index, shown(value.name),
                  needed, tensor.data.size());
  return {};
}

void NnContext::reset() {
  session_->reset_variables();
  computed_ = false;
}

}  // namespace tulle::host
