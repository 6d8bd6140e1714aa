// The tables of a guest.
#include "host/nn.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

namespace tulle::host {
namespace {

std::unexpected<NnError> over_limit(std::string_view what, uint32_t limit) {
  return std::unexpected(NnError{Errno::kTooLarge, fmt::format("over {} {} at once", limit, what), true});
}

/// Whether the bytes are a model of that encoding, as far as can be told without reading them.
NnResult<void> check_encoding(std::span<const std::byte> bytes, uint32_t encoding) {
  constexpr std::string_view kTensorFlowLite = "TFL3";
  switch (static_cast<Encoding>(encoding)) {
    case Encoding::kTensorFlowLite: return {};
    case Encoding::kTensorFlow: return refuse(Errno::kUnsupportedOperation, "TensorFlow graphs are not read yet");
    case Encoding::kOnnx: return refuse(Errno::kUnsupportedOperation, "ONNX graphs are not read yet");
    case Encoding::kAutodetect:
    case Encoding::kAutodetectWit:
      if (bytes.size() >= 8 && std::memcmp(&bytes[4], kTensorFlowLite.data(), kTensorFlowLite.size()) == 0) return {};
      return refuse(Errno::kInvalidEncoding, "the bytes are no TensorFlow Lite model");
    default: return refuse(Errno::kInvalidEncoding, "graphs of encoding {} are not read", encoding);
  }
}

NnResult<void> check_target(uint32_t target) {
  constexpr uint32_t kCpu = 0, kTpu = 2;
  if (target == kCpu) return {};
  if (target <= kTpu) return refuse(Errno::kUnsupportedOperation, "target {}: there is the CPU alone", target);
  return refuse(Errno::kInvalidArgument, "target {} is none", target);
}

/// How many threads settings ask for.
NnResult<int> threads_of(std::string_view settings, int most) {
  constexpr size_t kMostBytes = 4096;  // parsed, text takes many times its own memory
  if (settings.empty()) return most;
  if (settings.size() > kMostBytes) return refuse(Errno::kInvalidArgument, "settings of {} bytes", settings.size());
  const auto json = nlohmann::json::parse(settings, nullptr, false);
  if (!json.is_object()) return refuse(Errno::kInvalidArgument, "settings that are no JSON object");
  const auto found = json.find("threads");
  if (found == json.end()) return most;
  if (!found->is_number_unsigned() || *found == 0U)
    return refuse(Errno::kInvalidArgument, "threads must be a whole number from 1");
  return static_cast<int>(std::min<uint64_t>(found->get<uint64_t>(), static_cast<uint64_t>(most)));
}

template <class T>
NnResult<std::shared_ptr<T>> find(const std::map<uint32_t, std::shared_ptr<T>>& all, uint32_t handle,
                                  std::string_view what) {
  const auto found = all.find(handle);
  if (found == all.end()) return refuse(Errno::kInvalidArgument, "there is no {} {}", what, handle);
  return found->second;
}

}  // namespace

NnResult<uint32_t> Nn::publish(std::shared_ptr<NnGraph> graph) {
  const std::scoped_lock lock(mutex_);
  if (graphs_.size() >= limits_.graphs || next_graph_ == UINT32_MAX) return over_limit("graphs", limits_.graphs);
  graphs_.emplace(next_graph_, std::move(graph));
  return next_graph_++;
}

NnResult<uint32_t> Nn::load(std::span<const std::byte> bytes, uint32_t encoding, uint32_t target) {
  if (auto known = check_encoding(bytes, encoding); !known) return std::unexpected(std::move(known).error());
  if (auto known = check_target(target); !known) return std::unexpected(std::move(known).error());
  // Before the bytes are copied and read.
  const auto graph = std::make_shared<NnGraph>(nullptr, limits_.threads, bytes_);
  if (!graph->bytes.hold(bytes.size()))
    return refuse(Errno::kRuntimeError, "a model of {} bytes is over the limit", bytes.size());
  auto loaded = host::load({bytes.begin(), bytes.end()});
  if (!loaded) return refuse(Errno::kInvalidArgument, "{}", loaded.error().message);
  graph->loaded = *std::move(loaded);
  return publish(graph);
}

NnResult<uint32_t> Nn::load_by_name(std::string_view name, std::string_view settings) {
  const auto threads = threads_of(settings, limits_.threads);
  if (!threads) return std::unexpected(threads.error());
  auto loaded = models_ == nullptr ? nullptr : models_->find(name);
  if (loaded == nullptr) return refuse(Errno::kNotFound, "there is no model {:?}", shown(name));
  return publish(std::make_shared<NnGraph>(std::move(loaded), *threads, bytes_));
}

NnResult<void> Nn::unload(uint32_t graph) {
  std::shared_ptr<NnGraph> dropped;  // outlives the lock, and whatever dies with it
  const std::scoped_lock lock(mutex_);
  auto found = find(graphs_, graph, "graph");
  if (!found) return std::unexpected(std::move(found).error());
  dropped = *std::move(found);
  dropped->detached = true;
  graphs_.erase(graph);
  return {};
}

NnResult<uint32_t> Nn::init_context(uint32_t graph) {
  std::shared_ptr<NnGraph> of;
  {
    const std::scoped_lock lock(mutex_);
    auto found = find(graphs_, graph, "graph");
    if (!found) return std::unexpected(std::move(found).error());
    if (contexts_.size() >= limits_.contexts || next_context_ == UINT32_MAX)
      return over_limit("contexts", limits_.contexts);
    of = *std::move(found);
  }
  auto made = NnContext::create(of, bytes_, deadline_);
  if (!made) return std::unexpected(std::move(made).error());
  const std::scoped_lock lock(mutex_);
  if (contexts_.size() >= limits_.contexts || next_context_ == UINT32_MAX)
    return over_limit("contexts", limits_.contexts);
  contexts_.emplace(next_context_, *std::move(made));
  return next_context_++;
}

NnResult<void> Nn::finalize_context(uint32_t context) {
  std::shared_ptr<NnContext> dropped;
  const std::scoped_lock lock(mutex_);
  auto found = find(contexts_, context, "context");
  if (!found) return std::unexpected(std::move(found).error());
  dropped = *std::move(found);
  contexts_.erase(context);
  return {};
}

NnResult<std::shared_ptr<NnContext>> Nn::context(uint32_t context) const {
  const std::scoped_lock lock(mutex_);
  return find(contexts_, context, "context");
}

NnResult<std::shared_ptr<const NnGraph>> Nn::graph(uint32_t graph) const {
  const std::scoped_lock lock(mutex_);
  auto found = find(graphs_, graph, "graph");
  if (!found) return std::unexpected(std::move(found).error());
  return *std::move(found);
}

NnResult<void> Nn::compute(NnContext& context) {
  const auto start = std::chrono::steady_clock::now();
  auto result = context.compute();
  if (!result && result.error().code == Errno::kInvalidArgument) return result;  // nothing ran
  nanoseconds_ += (std::chrono::steady_clock::now() - start).count();
  ++executions_;
  return result;
}

std::string Nn::last_error() const {
  const std::scoped_lock lock(mutex_);
  return last_error_;
}

void Nn::set_last_error(std::string message) {
  const std::scoped_lock lock(mutex_);
  last_error_ = std::move(message);
}

}  // namespace tulle::host
