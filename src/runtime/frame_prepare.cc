// Frame before it runs: shapes, folding, kernels.
#include <algorithm>
#include <climits>

#include "base/file_map.h"
#include "graph/calls.h"
#include "runtime/frame.h"

namespace tulle {
namespace {

/// What the kernels of a dtype load at once: constants that a file places worse are copied.
size_t element_alignment(DType dtype) {
  const int bytes = bits(dtype) / 8;
  return bytes == 0 ? (dtype == DType::kString ? 4 : 1) : std::min(bytes, 8);
}

}  // namespace

Result<void> Shared::charge(uint64_t bytes, std::string_view what) {
  if (bytes > options.memory_limit || heap_bytes > options.memory_limit - bytes)
    return fail(ErrorCode::kOutOfMemory, "{} needs {} bytes on top of {}, the limit is {}", what, bytes, heap_bytes,
                options.memory_limit);
  heap_bytes += bytes;
  return {};
}

Frame& Shared::frame(int graph) {
  auto& frame = frames[graph];
  if (frame == nullptr) frame = std::make_unique<Frame>(*this, graph);
  return *frame;
}

Frame::Frame(Shared& shared, int graph)
    : shared_(shared),
      index_(graph),
      graph_(shared.model->graphs[graph]),
      values_(graph_.values.size()),
      slots_(graph_.values.size()) {
  build_steps();
}

std::vector<Tensor*> Frame::pointers(std::span<const int32_t> indices) {
  std::vector<Tensor*> tensors;
  tensors.reserve(indices.size());
  for (int32_t index : indices) tensors.push_back(index == kAbsent ? nullptr : &values_[index]);
  return tensors;
}

void Frame::build_steps() {
  last_use_.assign(values_.size(), -1);
  makers_.assign(values_.size(), -1);
  uses_.assign(values_.size(), 0);
  steps_.resize(graph_.nodes.size());
  for (size_t i = 0; i < steps_.size(); ++i) {
    const Node& node = graph_.nodes[i];
    Step& step = steps_[i];
    step.node = static_cast<int32_t>(i);
    step.op = ops::find(node)->op;
    step.inputs = pointers(node.inputs);
    step.outputs = pointers(node.outputs);
    step.intermediates = pointers(node.intermediates);
    for (int32_t input : node.inputs)
      if (input != kAbsent) last_use_[input] = step.node, ++uses_[input];
    for (int32_t output : node.outputs)
      if (output != kAbsent) makers_[output] = step.node;
    if (shared_.options.time_nodes) timings_.push_back({index_, step.node, {}});
  }
  for (int32_t output : graph_.outputs) last_use_[output] = uses_[output] = INT32_MAX;
  call_outputs_.resize(graph_.outputs.size());
}

std::vector<int> Frame::callees() const {
  std::vector<int> graphs;
  for (const Step& step : steps_)
    for (int64_t graph : called_graphs(graph_.nodes[step.node])) graphs.push_back(static_cast<int>(graph));
  return graphs;
}

ops::Site Frame::site(const Step& step) {
  ops::Site site;
  site.graph_index = index_;
  site.node_index = step.node;
  site.model = shared_.model.get();
  site.node = &graph_.nodes[step.node];
  site.inputs = step.inputs;
  site.outputs = step.outputs;
  site.intermediates = step.intermediates;
  site.host = this;
  site.kernels = shared_.kernels;
  site.exact_reals = shared_.exact_reals;
  site.workers = workers();
  return site;
}

Result<void> Frame::prepare(std::span<const Shape> inputs) {
  if (prepared_ && std::equal(inputs.begin(), inputs.end(), input_shapes_.begin(), input_shapes_.end())) return {};
  const bool was_dynamic = dynamic_;
  dynamic_ = prepared_ || shared_.planned;
  input_shapes_.assign(inputs.begin(), inputs.end());
  if (dynamic_ && was_dynamic) {  // steps know nothing of shapes; only the inputs change
    for (size_t i = 0; i < inputs.size(); ++i) {
      Tensor& tensor = values_[graph_.inputs[i]];
      tensor.shape = inputs[i];
      tensor.bytes = static_cast<uint64_t>(byte_size(tensor.dtype, inputs[i].elements()));
    }
    return {};
  }
  TULLE_CHECK(reset_values(inputs));
  prepared_ = true;
  for (Step& step : steps_) TULLE_CHECK(prepare_step(step));
  link_chains();
  link_tails();
  share_memory();
  return {};
}

Result<void> Frame::reset_values(std::span<const Shape> inputs) {
  const auto size = [&](Tensor& tensor) -> Result<void> {
    const int64_t elements = tensor.shape.elements();
    if (elements < 0 || tensor.shape.extent() > kMaxElements)
      return fail(ErrorCode::kInvalidArgument, "value '{}' would have shape {}, over the limit of {} elements",
                  tensor.name, to_string(tensor.shape), kMaxElements);
    tensor.bytes = static_cast<uint64_t>(byte_size(tensor.dtype, elements));
    return {};
  };
  for (size_t i = 0; i < values_.size(); ++i) {
    const Value& value = graph_.values[i];
    Tensor& tensor = values_[i];
    Slot& slot = slots_[i];
    slot.storage = Storage::kNone;
    slot.from_constants = false;
    slot.shared = nullptr;
    slot.whole = slot.parts_last = -1;
    slot.at = 0;
    slot.pitch = slot.height = 0;
    slot.parts.clear();
    tensor = {value.name, value.dtype, value.shape, value.quantization.get(), nullptr, 0};
    const auto data = shared_.model->data(value);
    if (!data.empty()) {
      slot.storage = Storage::kConstant;
      slot.from_constants = true;
      tensor.bytes = data.size();
      tensor.data = const_cast<std::byte*>(data.data());
      if (reinterpret_cast<uintptr_t>(tensor.data) % element_alignment(value.dtype) != 0) {
        TULLE_CHECK(grow(static_cast<int32_t>(i), data.size()));
        std::copy(data.begin(), data.end(), slot.own.data());
        tensor.data = slot.own.data();
      }
    } else if (value.is_variable) {
      slot.storage = Storage::kVariable;
      TULLE_CHECK(size(tensor));
      const bool fresh = slot.own.capacity() < tensor.bytes;
      TULLE_CHECK(grow(static_cast<int32_t>(i), tensor.bytes));
      if (fresh) clear_variable(static_cast<int32_t>(i));
      if (!dynamic_) tensor.data = nullptr;  // not a value to know ahead of time
    } else {
      TULLE_CHECK(size(tensor));
      slot.from_constants = tensor.bytes == 0 && value.shape.elements() == 0;
    }
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const int32_t index = graph_.inputs[i];
    if (slots_[index].storage != Storage::kNone) continue;  // an input with a constant default, or a variable
    Tensor& tensor = values_[index];
    tensor.shape = inputs[i];
    slots_[index].from_constants = false;
    TULLE_CHECK(size(tensor));
    slots_[index].storage = dynamic_ || bits(tensor.dtype) == 0 ? Storage::kDynamic : Storage::kArena;
  }
  return {};
}

Result<void> Frame::prepare_step(Step& step) {
  const Node& node = graph_.nodes[step.node];
  step.kernel = nullptr;
  step.inputs = pointers(node.inputs);
  step.parts.clear();
  step.pitched = false;
  step.tail = step.head = step.chain = -1;
  step.links = nullptr;
  step.scratch_sizes.clear();
  step.dynamic = dynamic_ || std::any_of(step.inputs.begin(), step.inputs.end(), [&](const Tensor* tensor) {
                   return tensor != nullptr && slots_[index_of(*tensor)].storage == Storage::kDynamic;
                 });
  TULLE_CHECK(shared_.check_time("node", step.node));
  ops::Site site = this->site(step);
  if (!step.dynamic) {
    TULLE_CHECK(step.op->shape(site));
    step.dynamic = site.deferred();
  }
  const Storage storage = step.dynamic ? Storage::kDynamic : Storage::kArena;
  for (int32_t output : node.outputs) {
    if (output == kAbsent) continue;
    slots_[output].storage = storage;
    slots_[output].from_constants = false;
    values_[output].data = nullptr;
    if (values_[output].bytes > shared_.options.memory_limit)
      return fail(ErrorCode::kOutOfMemory, "{}: output of {} bytes exceeds the limit of {}", site.where(),
                  values_[output].bytes, shared_.options.memory_limit);
  }
  if (step.dynamic) return {};
  TULLE_CHECK(prepare_kernel(step, site));
  step.scratch_sizes = site.scratch_sizes();
  step.parts = site.parts();
  step.pitched = site.pitched();
  for (uint64_t bytes : step.scratch_sizes)
    if (bytes > shared_.options.memory_limit)
      return fail(ErrorCode::kOutOfMemory, "{}: scratch of {} bytes exceeds the limit of {}", site.where(), bytes,
                  shared_.options.memory_limit);
  return folds(step) ? fold(step, site) : Result<void>{};
}

Result<void> Frame::prepare_kernel(Step& step, ops::Site& site) {
  TULLE_TRY(step.kernel, step.op->prepare(site));
  step.rows = site.rows();
  const auto is_empty = [](const Tensor* t) {
    return t == nullptr || (t->elements() == 0 && t->dtype != DType::kString);  // no strings are some bytes
  };
  // The loops over many positions of 0 channels would take their time to compute nothing.
  if (!step.op->stateful && !site.deferred() && !step.outputs.empty() && std::ranges::all_of(step.outputs, is_empty))
    step.kernel = [](const ops::Io&) -> Result<void> { return {}; };
  return {};
}

bool Frame::follows(const Step& step, const Step& head) const {
  if (!step.op->piecewise || step.dynamic || head.dynamic || !step.scratch_sizes.empty()) return false;
  if (head.outputs.empty() || head.outputs[0] == nullptr || shared_.options.keep_all_values) return false;
  const Tensor &made = *head.outputs[0], &output = *step.outputs[0];
  const bool elements = made.dtype == DType::kFloat32 || made.dtype == DType::kInt8 || made.dtype == DType::kUint8;
  if (!elements || uses_[index_of(made)] != 1 || uses_[index_of(output)] == INT32_MAX) return false;
  for (const Tensor* value : {&made, &output})
    if (slots_[index_of(*value)].storage != Storage::kArena) return false;
  const auto piece = [&](const Tensor* input) {
    if (input == nullptr || input->dtype != made.dtype) return false;
    const int64_t all = input->elements(), last = output.shape.rank() > 0 ? output.shape[output.shape.rank() - 1] : 1;
    const bool vector = all == last && input->shape.rank() > 0 && input->shape[input->shape.rank() - 1] == last;
    return input->shape == output.shape || all == 1 || vector;
  };
  return made.shape == output.shape && output.dtype == made.dtype && std::ranges::all_of(step.inputs, piece) &&
         std::ranges::find(step.inputs, &made) != step.inputs.end();
}

void Frame::link_tails() {
  Step* before = nullptr;
  for (Step& step : steps_) {
    if (!step.kernel && !step.dynamic) continue;
    const bool chained = step.chain >= 0 || (before != nullptr && before->chain >= 0);
    if (before != nullptr && before->head < 0 && !chained && follows(step, *before)) {
      before->tail = step.node;
      step.head = before->node;
    }
    before = &step;
  }
}

std::optional<ops::Site> Frame::maker(const Tensor& value) {
  const int32_t index = index_of(value), step = makers_[static_cast<size_t>(index)];
  // What is planned has run, or will, as it was planned: steps that are prepared while running change nothing of it.
  const bool alone = step >= 0 && uses_[static_cast<size_t>(index)] == 1 && !shared_.options.keep_all_values &&
                     slots_[static_cast<size_t>(index)].storage == Storage::kArena && !shared_.planned;
  if (!alone || !steps_[static_cast<size_t>(step)].kernel) return std::nullopt;
  return site(steps_[static_cast<size_t>(step)]);
}

void Frame::absorb(const Tensor& value) {
  const auto index = static_cast<size_t>(index_of(value));
  slots_[index].storage = Storage::kNone;
  Step& step = steps_[static_cast<size_t>(makers_[index])];
  for (const Tensor* input : step.inputs)
    if (input != nullptr && uses_[index_of(*input)] != INT32_MAX) --uses_[index_of(*input)];
  step.kernel = nullptr;
  step.scratch_sizes.clear();
}

Tensor* Frame::read_past(int node, int operand) {
  Step& step = steps_[static_cast<size_t>(node)];
  Tensor*& input = step.inputs[static_cast<size_t>(operand)];
  Tensor* source = steps_[static_cast<size_t>(makers_[static_cast<size_t>(index_of(*input))])].inputs[0];
  absorb(*input);
  const auto index = static_cast<size_t>(index_of(*source));
  if (uses_[index] != INT32_MAX) ++uses_[index];
  last_use_[index] = std::max(last_use_[index], step.node);
  return input = source;
}

Result<const std::byte*> Frame::keep(int node, int32_t layout, uint64_t bytes, const Fill& fill) {
  Step& step = steps_[static_cast<size_t>(node)];
  const Constants::Key key{index_, node, shared_.kernels, layout};
  if (step.kept.data != nullptr && step.kept_key == key) {
    if (shared_.planned || step.kept.mapped) return step.kept.data.get();
    TULLE_CHECK(shared_.charge(bytes, "packed weights"));
    shared_.folded_bytes += bytes;
    return step.kept.data.get();
  }
  step.kept_key = key;
  step.kept = shared_.options.constants->find_kept(key, bytes);
  if (step.kept.mapped) forget_inputs(step);
  if (step.kept.data != nullptr) return step.kept.data.get();
  TULLE_CHECK(shared_.charge(bytes, "packing weights"));
  shared_.folded_bytes += bytes;
  auto fresh = std::make_shared<Bytes>();
  if (!fresh->reserve(bytes)) return fail(ErrorCode::kOutOfMemory, "no memory for {} bytes of weights", bytes);
  fill(fresh->data(), shared_.pool);
  forget_inputs(step);
  const std::byte* data = fresh->data();
  step.kept = shared_.options.constants->publish_kept(key, {{std::move(fresh), data}, bytes, false});
  return step.kept.data.get();
}

void Frame::count_kept(MemoryReport& report) const {
  for (const Step& step : steps_) (step.kept.mapped ? report.mapped_bytes : report.packed_bytes) += step.kept.bytes;
}

void Frame::forget_inputs(const Step& step) const {
  constexpr uint64_t kWorthwhile = 64 << 10;
  for (const Tensor* input : step.inputs) {
    if (input == nullptr || slots_[index_of(*input)].storage != Storage::kConstant) continue;
    const Buffer& buffer = shared_.model->buffers[graph_.values[index_of(*input)].buffer];
    if (buffer.in_file && buffer.bytes.size() >= kWorthwhile) forget_pages(buffer.bytes);
  }
}

bool Frame::folds(const Step& step) const {
  if (step.op->stateful || step.outputs.empty()) return false;
  uint64_t input_bytes = 0, output_bytes = 0;
  for (const Tensor* tensor : step.inputs) {
    if (tensor == nullptr) continue;
    const Storage storage = slots_[index_of(*tensor)].storage;
    const bool known = storage == Storage::kConstant || storage == Storage::kFolded ||
                       (storage == Storage::kNone && tensor->bytes == 0);
    if (!known && !step.op->shapes_only) return false;
    input_bytes += tensor->bytes;
  }
  for (const Tensor* tensor : step.outputs)
    if (tensor != nullptr) output_bytes += tensor->bytes;
  // What grows out of little is cheap to compute again and dear to keep.
  constexpr uint64_t kAlways = 64 << 10, kGrowth = 16;
  return output_bytes <= std::max(kAlways, kGrowth * input_bytes);
}

Result<void> Frame::fold(Step& step, ops::Site& site) {
  bool from_constants = !step.op->shapes_only;
  for (const Tensor* tensor : step.inputs)
    if (tensor != nullptr) from_constants &= slots_[index_of(*tensor)].from_constants;

  const auto take = [&](Tensor& tensor, std::shared_ptr<const Bytes> bytes) {
    Slot& slot = slots_[index_of(tensor)];
    slot.storage = Storage::kFolded;
    slot.from_constants = from_constants;
    slot.shared = std::move(bytes);
    tensor.data = slot.shared->data();
  };
  const auto key = [&](const Tensor& tensor) { return Constants::Key{index_, index_of(tensor), nullptr, 0}; };
  Constants& constants = *shared_.options.constants;
  if (from_constants) {
    bool all = true;
    for (Tensor* tensor : step.outputs) {
      if (tensor == nullptr) continue;
      if (auto bytes = constants.find(key(*tensor)))
        take(*tensor, std::move(bytes));
      else
        all = false;
    }
    if (all) {
      step.kernel = nullptr;
      return {};
    }
  }
  for (Tensor* tensor : step.outputs) {
    if (tensor == nullptr) continue;
    TULLE_CHECK(shared_.charge(tensor->bytes, site.where()));
    shared_.folded_bytes += tensor->bytes;
    auto bytes = std::make_shared<Bytes>();
    if (!bytes->reserve(tensor->bytes))
      return fail(ErrorCode::kOutOfMemory, "{}: no memory for {} bytes", site.where(), tensor->bytes);
    bytes->zero();
    take(*tensor, std::move(bytes));
  }
  std::vector<Bytes> scratch(step.scratch_sizes.size());
  step.scratch.clear();
  for (size_t i = 0; i < scratch.size(); ++i) {
    if (!scratch[i].reserve(step.scratch_sizes[i]))
      return fail(ErrorCode::kOutOfMemory, "{}: no memory for {} bytes", site.where(), step.scratch_sizes[i]);
    step.scratch.push_back(scratch[i].data());
  }
  TULLE_CHECK(step.kernel(ops::Io{step.inputs, step.outputs, step.scratch, this, shared_.pool}));
  step.kernel = nullptr;
  step.scratch_sizes.clear();
  step.scratch.clear();
  if (from_constants)
    for (Tensor* tensor : step.outputs)
      if (tensor != nullptr) take(*tensor, constants.publish(key(*tensor), slots_[index_of(*tensor)].shared));
  return {};
}

}  // namespace tulle
