// Session: the frame of the graph it runs, its ports and their bindings, and the memory all frames share.
#include "runtime/session.h"

#include <algorithm>
#include <charconv>

#include "base/room.h"
#include "graph/calls.h"
#include "kernels/isa.h"
#include "ops/built.h"
#include "ops/types.h"
#include "runtime/frame.h"

namespace tulle {
namespace {

/// Whether some node takes real activations and constant integer weights.
bool has_hybrid_nodes(const Model& model) {
  const auto any = [&](const Graph& graph, const Node& node, auto is) {
    return std::ranges::any_of(node.inputs, [&](int32_t i) { return i != kAbsent && is(graph.values[i]); });
  };
  const auto is_real = [](const Value& value) { return value.dtype == DType::kFloat32; };
  const auto is_weights = [&](const Value& value) {
    const bool codes = value.dtype == DType::kInt8 || value.dtype == DType::kUint8 || value.dtype == DType::kInt4 ||
                       value.dtype == DType::kInt2;
    return codes && value.quantization != nullptr && !model.data(value).empty();
  };
  return std::ranges::any_of(model.graphs, [&](const Graph& graph) {
    return std::ranges::any_of(
        graph.nodes, [&](const Node& node) { return any(graph, node, is_real) && any(graph, node, is_weights); });
  });
}

using Clock = std::chrono::steady_clock;

/// Graphs that a run of `entry` may reach, and of those the ones that more than one node calls.
struct Reach {
  std::vector<int> graphs;
  std::set<int> shared;
};

Reach reach(const Model& model, int entry) {
  Reach result{{entry}, {}};
  std::vector<int> calls(model.graphs.size());
  for (size_t at = 0; at < result.graphs.size(); ++at)
    for (const Node& node : model.graphs[result.graphs[at]].nodes)
      for (int64_t graph : called_graphs(node)) {
        if (++calls[graph] == 1)
          result.graphs.push_back(static_cast<int>(graph));
        else
          result.shared.insert(static_cast<int>(graph));
      }
  // What a shared graph calls is shared, too.
  for (int graph : result.graphs)
    if (result.shared.contains(graph))
      for (const Node& node : model.graphs[graph].nodes)
        for (int64_t callee : called_graphs(node)) result.shared.insert(static_cast<int>(callee));
  return result;
}

std::vector<std::optional<DType>> types(const Graph& graph, std::span<const int32_t> operands) {
  std::vector<std::optional<DType>> types;
  for (int32_t value : operands)
    types.push_back(value == kAbsent ? std::nullopt : std::optional(graph.values[value].dtype));
  return types;
}

/// One error that lists every node for which there is no kernel.
Result<void> check_support(const Model& model, std::span<const int> graphs) {
  constexpr int kListed = 20;
  int missing = 0;
  std::string list;
  for (int index : graphs)
    for (size_t i = 0; i < model.graphs[index].nodes.size(); ++i) {
      const Graph& graph = model.graphs[index];
      const Node& node = graph.nodes[i];
      const ops::Row* row = ops::find(node);
      const auto inputs = types(graph, node.inputs), outputs = types(graph, node.outputs);
      std::string why;
      if (row == nullptr)
        why = node.op == kCustomOp ? "unknown custom operator" : "no kernel for this operator";
      else if (!ops::match_types(row->op->types, inputs, outputs) || !ops::built_for(*row, inputs, outputs))
        why = "no kernel for " + ops::describe_types(inputs, outputs);
      if (why.empty() || ++missing > kListed) continue;
      list += missing > 1 ? "; " : "";
      list += "node " + std::to_string(i) + " " + std::string(op_name(node));
      if (index != 0) list += " in graph " + std::to_string(index);
      list += ": " + why;
    }
  if (missing == 0) return {};
  if (missing > kListed) list += "; and " + std::to_string(missing - kListed) + " more";
  return fail(ErrorCode::kUnsupported, "{}", list);
}

}  // namespace

struct Session::State {
  Shared shared;
  int graph = 0;
  Reach reach;
  std::vector<Port> inputs, outputs;
  std::vector<Tensor> input_tensors, output_tensors;        ///< what callers see; refreshed from the frame
  std::vector<Shape> shapes;                                ///< of the inputs, as asked for
  std::vector<std::byte*> input_bindings, output_bindings;  ///< memory of the caller, or null
  Bytes arena;
  MemoryReport memory;
  std::vector<NodeTiming> timings;
  std::chrono::nanoseconds time_limit{0};
  bool stale = true;  ///< shapes changed since prepare

  Frame& frame() { return shared.frame(graph); }

  Result<void> find_graph() {
    const Model& model = *shared.model;
    const std::string& key = shared.options.signature;
    const auto signature = std::find_if(model.signatures.begin(), model.signatures.end(),
                                        [&](const Signature& s) { return key.empty() ? s.graph == 0 : s.key == key; });
    if (signature == model.signatures.end() && !key.empty()) {
      std::string keys;
      for (const Signature& s : model.signatures) keys += (keys.empty() ? "" : ", ") + s.key;
      return fail(ErrorCode::kNotFound, "no signature '{}'; the model has {}", key, keys.empty() ? "none" : keys);
    }
    graph = signature == model.signatures.end() ? 0 : static_cast<int>(signature->graph);
    const Graph& g = model.graphs[graph];
    const auto ports = [&](std::span<const int32_t> values, const std::vector<Signature::Entry>* entries) {
      std::vector<Port> ports;
      for (int32_t value : values) ports.push_back({g.values[value].name, value});
      if (entries == nullptr) return ports;
      for (Port& port : ports)
        for (const Signature::Entry& entry : *entries)
          if (static_cast<int32_t>(entry.value) == port.value) port.name = entry.name;
      return ports;
    };
    const bool named = signature != model.signatures.end();
    inputs = ports(g.inputs, named ? &signature->inputs : nullptr);
    outputs = ports(g.outputs, named ? &signature->outputs : nullptr);
    return {};
  }

  Result<void> prepare() {
    // What frames hold in containers; kernels' own tables are small, and what is large comes by Bytes.
    constexpr uint64_t kNodeBytes = 4096, kValueBytes = 512;
    uint64_t bytes = 0;
    for (const Graph& g : shared.model->graphs) bytes += g.nodes.size() * kNodeBytes + g.values.size() * kValueBytes;
    if (!has_room(bytes)) return fail(ErrorCode::kOutOfMemory, "no memory for a session of this model");
    shared.frames.clear();
    shared.heap_bytes = shared.folded_bytes = 0;
    shared.planned = false;
    shared.depth = 0;
    shared.deadline = shared.options.deadline;
    stale = true;
    TULLE_CHECK(shared.with_pool([&] { return frame().prepare(shapes); }));

    std::vector<Life> lives;
    int32_t clock = 0;
    frame().lives(lives, clock, reach.shared);
    for (int index : reach.shared)
      if (shared.frame(index).prepared()) shared.frame(index).lives_throughout(lives, INT32_MAX - 1);
    const Plan plan = plan_memory(lives);
    TULLE_CHECK(check_plan(lives, plan));
    TULLE_CHECK(shared.charge(plan.bytes, "the arena"));
    if (!arena.reserve(plan.bytes))
      return fail(ErrorCode::kOutOfMemory, "no memory for an arena of {} bytes", plan.bytes);
    for (auto& [index, frame] : shared.frames)
      if (frame->prepared()) frame->place(plan, arena.data());
    shared.planned = true;
    memory = {plan.bytes, plan.lower_bound, shared.folded_bytes, 0};
    stale = false;
    TULLE_CHECK(bind());
    refresh_outputs();
    return {};
  }

  /// Points ports at the callers' memory, and shows callers where inputs are.
  Result<void> bind() {
    for (size_t i = 0; i < inputs.size(); ++i) {
      Tensor& tensor = frame().value(inputs[i].value);
      TULLE_CHECK(frame().grow_input(inputs[i].value));
      if (frame().storage(inputs[i].value) == Storage::kArena) frame().bind(inputs[i].value, input_bindings[i]);
      input_tensors[i] = tensor;
    }
    for (size_t i = 0; i < outputs.size(); ++i)
      if (direct(i)) frame().bind(outputs[i].value, output_bindings[i]);
    return {};
  }

  /// Whether the kernel that makes output i may write to the caller's memory.
  bool direct(size_t i) {
    const int32_t value = outputs[i].value;
    if (frame().storage(value) != Storage::kArena) return false;
    const auto same = [&](const Port& port) { return port.value == value; };
    return std::none_of(inputs.begin(), inputs.end(), same) && std::count_if(outputs.begin(), outputs.end(), same) == 1;
  }

  void refresh_outputs() {
    for (size_t i = 0; i < outputs.size(); ++i) {
      output_tensors[i] = frame().value(outputs[i].value);
      std::byte* bound = output_bindings[i];
      if (bound == nullptr || bound == output_tensors[i].data) continue;
      if (output_tensors[i].data != nullptr) std::copy_n(output_tensors[i].data, output_tensors[i].bytes, bound);
      output_tensors[i].data = bound;
    }
  }

  Result<int> find(std::span<const Port> ports, std::string_view name, std::string_view what) const {
    for (size_t i = 0; i < ports.size(); ++i)
      if (ports[i].name == name) return static_cast<int>(i);
    size_t position = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), position);
    if (error == std::errc() && end == name.data() + name.size() && position < ports.size())
      return static_cast<int>(position);
    std::string names;
    for (const Port& port : ports) names += (names.empty() ? "" : ", ") + port.name;
    return fail(ErrorCode::kNotFound, "no {} '{}'; there are {}: {}", what, name, ports.size(), names);
  }
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::create(std::shared_ptr<const Model> model, SessionOptions options) {
  auto state = std::make_unique<State>();
  state->shared.model = std::move(model);
  state->shared.options = std::move(options);
  TULLE_TRY(state->shared.kernels, kernels::choose());
  state->shared.exact_reals = has_hybrid_nodes(*state->shared.model);
  state->shared.threads.emplace(state->shared.options.threads);
  if (state->shared.options.variables == nullptr) state->shared.options.variables = make_variables();
  if (state->shared.options.constants == nullptr) state->shared.options.constants = make_constants();
  TULLE_CHECK(state->find_graph());
  state->reach = reach(*state->shared.model, state->graph);
  TULLE_CHECK(check_support(*state->shared.model, state->reach.graphs));
  for (const Port& port : state->inputs)
    state->shapes.push_back(state->shared.model->graphs[state->graph].values[port.value].shape);
  state->input_tensors.resize(state->inputs.size());
  state->output_tensors.resize(state->outputs.size());
  state->input_bindings.resize(state->inputs.size());
  state->output_bindings.resize(state->outputs.size());
  TULLE_CHECK(state->prepare());
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

std::span<const Port> Session::inputs() const { return state_->inputs; }
std::span<const Port> Session::outputs() const { return state_->outputs; }
Result<int> Session::find_input(std::string_view name) const { return state_->find(state_->inputs, name, "input"); }
Result<int> Session::find_output(std::string_view name) const { return state_->find(state_->outputs, name, "output"); }
const Tensor& Session::input(int i) const { return state_->input_tensors[i]; }
const Tensor& Session::output(int i) const { return state_->output_tensors[i]; }

Result<void> Session::resize(int i, const Shape& shape) {
  const Tensor& tensor = state_->input_tensors[i];
  if (!shape.known())
    return fail(ErrorCode::kInvalidArgument, "input '{}' cannot take shape {}", tensor.name, to_string(shape));
  if (state_->shapes[i] == shape) return {};
  state_->shapes[i] = shape;
  state_->input_bindings[i] = nullptr;
  state_->stale = true;
  return {};
}

Result<void> Session::set_input(int i, std::span<const std::byte> bytes) {
  TULLE_CHECK(prepare());
  Tensor& tensor = state_->frame().value(state_->inputs[i].value);
  if (bits(tensor.dtype) == 0) {  // strings: as many bytes as they need
    if (state_->frame().storage(state_->inputs[i].value) == Storage::kDynamic) tensor.bytes = bytes.size();
    TULLE_CHECK(state_->bind());
  }
  if (bytes.size() != tensor.bytes)
    return fail(ErrorCode::kInvalidArgument, "input '{}' takes {} bytes ({} {}), not {}", tensor.name, tensor.bytes,
                name(tensor.dtype), to_string(tensor.shape), bytes.size());
  const Storage storage = state_->frame().storage(state_->inputs[i].value);
  if (storage != Storage::kArena && storage != Storage::kDynamic && storage != Storage::kVariable)
    return fail(ErrorCode::kInvalidArgument, "input '{}' is a constant of the model", tensor.name);
  std::copy(bytes.begin(), bytes.end(), tensor.data);
  return {};
}

Result<void> Session::bind_input(int i, std::byte* data, size_t bytes) {
  TULLE_CHECK(prepare());
  const Tensor& tensor = state_->input_tensors[i];
  if (data != nullptr && bytes != tensor.bytes)
    return fail(ErrorCode::kInvalidArgument, "input '{}' takes {} bytes, not {}", tensor.name, tensor.bytes, bytes);
  if (data != nullptr && state_->frame().storage(state_->inputs[i].value) != Storage::kArena)
    return fail(ErrorCode::kInvalidArgument, "input '{}' cannot lie in memory of the caller", tensor.name);
  state_->input_bindings[i] = data;
  return state_->bind();
}

Result<void> Session::bind_output(int i, std::byte* data, size_t bytes) {
  TULLE_CHECK(prepare());
  const Tensor& tensor = state_->output_tensors[i];
  if (data != nullptr && state_->frame().storage(state_->outputs[i].value) == Storage::kDynamic)
    return fail(ErrorCode::kInvalidArgument, "output '{}' has no fixed size", tensor.name);
  if (data != nullptr && bytes != tensor.bytes)
    return fail(ErrorCode::kInvalidArgument, "output '{}' has {} bytes, not {}", tensor.name, tensor.bytes, bytes);
  state_->output_bindings[i] = data;
  TULLE_CHECK(state_->bind());
  state_->refresh_outputs();
  return {};
}

Result<void> Session::prepare() { return state_->stale ? state_->prepare() : Result<void>{}; }

Result<void> Session::run() {
  TULLE_CHECK(prepare());
  Shared& shared = state_->shared;
  shared.deadline = shared.options.deadline;
  if (state_->time_limit.count() > 0) shared.deadline = std::min(shared.deadline, Clock::now() + state_->time_limit);
  if (shared.options.time_nodes)
    for (auto& [index, frame] : shared.frames) frame->reset_timings();
  const Result<void> result = shared.with_pool([&] { return state_->frame().run(); });
  shared.cancelled = false;
  TULLE_CHECK(result);
  state_->refresh_outputs();
  if (shared.options.time_nodes) {
    state_->timings.clear();
    for (auto& [index, frame] : shared.frames) {
      const auto timings = frame->timings();
      state_->timings.insert(state_->timings.end(), timings.begin(), timings.end());
    }
  }
  return {};
}

void Session::cancel() { state_->shared.cancelled = true; }
void Session::set_time_limit(std::chrono::nanoseconds limit) { state_->time_limit = limit; }
void Session::reset_variables() {
  for (auto& [index, frame] : state_->shared.frames) frame->reset_variables();
  state_->shared.options.variables->reset();
}
std::span<const NodeTiming> Session::timings() const { return state_->timings; }
MemoryReport Session::memory() const {
  MemoryReport report = state_->memory;
  report.variable_bytes = state_->shared.options.variables->bytes();
  for (const auto& [index, frame] : state_->shared.frames) frame->count_kept(report);
  return report;
}
const Model& Session::model() const { return *state_->shared.model; }
int Session::graph() const { return state_->graph; }
const Tensor& Session::value(int32_t index) const { return state_->frame().value(index); }

}  // namespace tulle
