// Frame while it runs: its steps in order, memory for what is dynamic, and calls between frames.
#include <algorithm>

#include "runtime/frame.h"

namespace tulle {
namespace {

using Clock = std::chrono::steady_clock;

/// Graphs call graphs this deep at most; each level takes native stack.
constexpr int kMaxDepth = 64;

struct Depth {
  int& depth;
  explicit Depth(int& depth) : depth(depth) { ++depth; }
  ~Depth() { --depth; }
};

}  // namespace

Result<void> Frame::grow(int32_t value, uint64_t bytes) {
  Slot& slot = slots_[value];
  const size_t before = slot.own.capacity();
  if (bytes > before) {
    TULLE_CHECK(shared_.charge(bytes - before, values_[value].name));
    if (!slot.own.reserve(bytes))
      return fail(ErrorCode::kOutOfMemory, "no memory for value '{}' of {} bytes", values_[value].name, bytes);
  } else if (!slot.own.reserve(bytes)) {
    return fail(ErrorCode::kOutOfMemory, "no memory for value '{}'", values_[value].name);
  }
  values_[value].data = slot.own.data();
  values_[value].bytes = bytes;
  return {};
}

Result<void> Frame::grow_input(int32_t value) {
  return slots_[value].storage == Storage::kDynamic ? grow(value, values_[value].bytes) : Result<void>{};
}

Result<void> Frame::prepare_dynamic(Step& step) {
  ops::Site site = this->site(step);
  TULLE_CHECK(step.op->shape(site));
  for (Tensor* output : step.outputs)
    if (output != nullptr && !site.deferred()) TULLE_CHECK(grow(index_of(*output), output->bytes));
  TULLE_CHECK(prepare_kernel(step, site));
  step.scratch.clear();
  step.own_scratch.resize(std::max(step.own_scratch.size(), site.scratch_sizes().size()));
  for (size_t i = 0; i < site.scratch_sizes().size(); ++i) {
    const uint64_t bytes = site.scratch_sizes()[i], before = step.own_scratch[i].capacity();
    if (bytes > before) TULLE_CHECK(shared_.charge(bytes - before, site.where()));
    if (!step.own_scratch[i].reserve(bytes))
      return fail(ErrorCode::kOutOfMemory, "{}: no memory for {} bytes", site.where(), bytes);
    step.scratch.push_back(step.own_scratch[i].data());
  }
  return {};
}

Result<void> Shared::check_stop(std::string_view what, int32_t number) const {
  if (cancelled.load(std::memory_order_relaxed))
    return fail(ErrorCode::kCancelled, "cancelled before {} {}", what, number);
  return check_time(what, number);
}

Result<void> Shared::check_time(std::string_view what, int32_t number) const {
  if (deadline != Clock::time_point::max() && Clock::now() >= deadline)
    return fail(ErrorCode::kDeadline, "the time limit passed before {} {}", what, number);
  return {};
}

Result<bool> Frame::run_step(Step& step) {
  bool taken = false;
  ops::Io io{step.inputs, step.outputs, step.scratch, this, shared_.pool};
  if (step.pitched) io.pitch = slots_[index_of(*step.outputs[0])].pitch;
  const auto run_tail = [this, tail = step.tail](int64_t first, int64_t count) {
    Step& step = steps_[static_cast<size_t>(tail)];
    ops::Io io{step.inputs, step.outputs, {}, this};
    io.first = first;
    io.count = count;
    (void)step.kernel(io);  // piecewise kernels do not fail
  };
  const After after{[](const void* self, int64_t first, int64_t count) {
                      (*static_cast<const decltype(run_tail)*>(self))(first, count);
                    },
                    &run_tail};
  if (step.tail >= 0) {
    io.after = &after;
    io.taken = &taken;
  }
  TULLE_CHECK(step.kernel(io));
  return taken;
}

Result<void> Frame::run() {
  const bool timed = !timings_.empty();
  int32_t done = -1;  // a tail
  for (Step& step : steps_) {
    TULLE_CHECK(shared_.check_stop("node", step.node));
    if ((!step.dynamic && !step.kernel) || step.node == done) continue;  // folded
    if (step.chain >= 0) {
      if (step.chain == step.node) run_chain(step);
      continue;
    }
    const Clock::time_point start = timed ? Clock::now() : Clock::time_point();
    if (step.dynamic) TULLE_CHECK(prepare_dynamic(step));
    TULLE_TRY(const bool tail_done, run_step(step));
    if (tail_done) done = step.tail;
    if (timed) timings_[step.node].time += Clock::now() - start;
  }
  return {};
}

void Frame::reset_variables() {
  for (size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].storage == Storage::kVariable) clear_variable(static_cast<int32_t>(i));
}

void Frame::clear_variable(int32_t value) {
  const Tensor& tensor = values_[value];
  const int byte = tensor.dtype == DType::kInt8 ? static_cast<int>(tensor.zero_point()) : 0;
  std::memset(slots_[value].own.data(), byte, tensor.bytes);
}

void Frame::reset_timings() {
  for (NodeTiming& timing : timings_) timing.time = {};
}

Result<std::vector<Shape>> Frame::call_shapes(int graph, std::span<const Shape> inputs) {
  const Depth depth(shared_.depth);
  if (shared_.depth > kMaxDepth)
    return fail(ErrorCode::kUnsupported, "graphs call each other more than {} deep", kMaxDepth);
  Frame& callee = shared_.frame(graph);
  if (inputs.size() != callee.graph_.inputs.size())
    return fail(ErrorCode::kInvalidFile, "graph {} takes {} inputs, the call has {}", graph,
                callee.graph_.inputs.size(), inputs.size());
  TULLE_CHECK(callee.prepare(inputs));
  std::vector<Shape> shapes;
  for (int32_t output : callee.graph_.outputs)
    shapes.push_back(callee.slots_[output].storage == Storage::kDynamic ? Shape{kUnknown}
                                                                        : callee.values_[output].shape);
  return shapes;
}

Result<std::span<const Tensor>> Frame::call(int graph, std::span<const Tensor> inputs) {
  const Depth depth(shared_.depth);
  if (shared_.depth > kMaxDepth)
    return fail(ErrorCode::kUnsupported, "graphs call each other more than {} deep", kMaxDepth);
  TULLE_CHECK(shared_.check_stop("graph", graph));  // a loop may go round without meeting a node
  Frame& callee = shared_.frame(graph);
  const std::vector<int32_t>& ports = callee.graph_.inputs;
  if (inputs.size() != ports.size())
    return fail(ErrorCode::kInvalidFile, "graph {} takes {} inputs, the call has {}", graph, ports.size(),
                inputs.size());

  // A body may hand its inputs back in another order; then all are taken aside before any is overwritten.
  std::vector<std::byte> aside;
  const bool tangled = std::any_of(inputs.begin(), inputs.end(), [&](const Tensor& input) {
    return std::any_of(ports.begin(), ports.end(), [&](int32_t port) {
      return input.bytes > 0 && callee.values_[port].data == input.data && &input != &inputs[&port - ports.data()];
    });
  });
  std::vector<Tensor> moved;
  if (tangled) {
    moved.assign(inputs.begin(), inputs.end());
    uint64_t total = 0;
    for (const Tensor& input : inputs) total += input.bytes;
    aside.resize(total);
    uint64_t at = 0;
    for (Tensor& input : moved) {
      std::copy_n(input.data, input.bytes, aside.data() + at);
      input.data = aside.data() + at;
      at += input.bytes;
    }
    inputs = moved;
  }

  bool same = callee.prepared_;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].dtype != callee.values_[ports[i]].dtype && callee.prepared_)
      return fail(ErrorCode::kInvalidFile, "graph {} input {} is {}, the call has {}", graph, i,
                  name(callee.values_[ports[i]].dtype), name(inputs[i].dtype));
    same = same && callee.values_[ports[i]].shape == inputs[i].shape;
  }
  if (!same) {
    std::vector<Shape> shapes;
    for (const Tensor& input : inputs) shapes.push_back(input.shape);
    TULLE_CHECK(callee.prepare(shapes));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (callee.slots_[ports[i]].storage == Storage::kDynamic) TULLE_CHECK(callee.grow(ports[i], inputs[i].bytes));
    const Tensor& target = callee.values_[ports[i]];
    if (target.dtype != inputs[i].dtype || target.bytes != inputs[i].bytes)
      return fail(ErrorCode::kInvalidFile, "graph {} input {} is {} of {} bytes, the call has {} of {}", graph, i,
                  name(target.dtype), target.bytes, name(inputs[i].dtype), inputs[i].bytes);
    if (target.bytes > 0 && target.data != inputs[i].data) std::copy_n(inputs[i].data, target.bytes, target.data);
  }
  TULLE_CHECK(callee.run());
  for (size_t i = 0; i < callee.call_outputs_.size(); ++i)
    callee.call_outputs_[i] = callee.values_[callee.graph_.outputs[i]];
  return callee.call_outputs_;
}

int32_t Frame::variable(std::string_view container, std::string_view name) {
  return shared_.options.variables->handle(container, name);
}
Result<Tensor> Frame::read_variable(int32_t handle) { return shared_.options.variables->read(handle); }
Result<void> Frame::assign_variable(int32_t handle, const Tensor& value) {
  return shared_.options.variables->assign(handle, value, shared_.options.memory_limit);
}
bool Frame::first_call(int graph) { return shared_.options.variables->initialised().insert(graph).second; }

Result<void> Frame::resize(Tensor& output, const Shape& shape, uint64_t bytes) {
  if (slots_[index_of(output)].storage != Storage::kDynamic)
    return fail(ErrorCode::kRuntime, "value '{}' has its shape already", output.name);
  output.shape = shape;
  return grow(index_of(output), bytes);
}

}  // namespace tulle
