// Nn: the graphs and contexts of one guest, behind handles. What wasi-nn means, without its memory layouts.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/models.h"
#include "host/nn_context.h"
#include "host/nn_types.h"

namespace tulle::host {

struct NnLimits {
  uint32_t graphs = 1000, contexts = 1000;
  uint64_t bytes = uint64_t{4} << 30;  ///< of models that the guest gave, and of contexts
  int threads = 1;
};

/// Handles count up from 0 and are never used again. What stands behind one is complete before it is given out, and
/// lives until nobody uses it any more: a context keeps its graph, a call what it works on, so unload and finalize take
/// a handle away at once and wait for nobody. Functions may be called from any thread; a context works for one at a
/// time. Errors: kInvalidArgument for a handle that there is not, and as said below.
class Nn {
 public:
  Nn(std::shared_ptr<const Models> models, const NnLimits& limits) : models_(std::move(models)), limits_(limits) {}

  /// A model out of the guest's bytes. Errors: kInvalidEncoding for an encoding that nobody reads,
  /// kUnsupportedOperation for one that is not read yet and for targets, kInvalidArgument for bytes that are no model.
  NnResult<uint32_t> load(std::span<const std::byte> bytes, uint32_t encoding, uint32_t target);
  /// A model of the host: kNotFound. Settings: JSON, {"threads": 2}; empty for none.
  NnResult<uint32_t> load_by_name(std::string_view name, std::string_view settings);
  NnResult<void> unload(uint32_t graph);

  /// Errors: kUnsupportedOperation for a model with operators that there are not, kRuntimeError where it can't be
  /// prepared.
  NnResult<uint32_t> init_context(uint32_t graph);
  NnResult<void> finalize_context(uint32_t context);
  /// The context, for as long as somebody holds it.
  NnResult<std::shared_ptr<NnContext>> context(uint32_t context) const;
  /// Inputs and outputs of a graph, as JSON or counted.
  NnResult<std::shared_ptr<const NnGraph>> graph(uint32_t graph) const;

  /// When the guest has to end; contexts that are made from now on look at it between nodes.
  void set_deadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }
  /// Runs a context that is in use, and counts it.
  NnResult<void> compute(NnContext& context);

  struct Work {
    uint64_t executions;
    std::chrono::nanoseconds time;
  };
  Work work() const { return {executions_, std::chrono::nanoseconds(nanoseconds_)}; }

  /// What the last call that failed said.
  std::string last_error() const;
  void set_last_error(std::string message);

 private:
  NnResult<uint32_t> publish(std::shared_ptr<NnGraph> graph);

  const std::shared_ptr<const Models> models_;
  const NnLimits limits_;
  const std::shared_ptr<NnBytes> bytes_ = std::make_shared<NnBytes>(limits_.bytes);
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  std::atomic<uint64_t> executions_ = 0;
  std::atomic<int64_t> nanoseconds_ = 0;

  mutable std::mutex mutex_;
  uint32_t next_graph_ = 0, next_context_ = 0;
  std::map<uint32_t, std::shared_ptr<NnGraph>> graphs_;
  std::map<uint32_t, std::shared_ptr<NnContext>> contexts_;
  std::string last_error_;
};

}  // namespace tulle::host
