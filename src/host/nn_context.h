// NnGraph and NnContext: a loaded model of a guest, and one user of it with inputs and outputs.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/models.h"
#include "host/nn_types.h"
#include "runtime/bytes.h"

namespace tulle::host {

/// How many bytes a guest's models and contexts may take together, and do.
class NnBytes {
 public:
  explicit NnBytes(uint64_t limit) : limit_(limit) {}
  bool take(uint64_t bytes) {
    uint64_t taken = taken_;
    while (bytes <= limit_ - taken)
      if (taken_.compare_exchange_weak(taken, taken + bytes)) return true;
    return false;
  }
  void give_back(uint64_t bytes) { taken_ -= bytes; }
  uint64_t left() const { return limit_ - taken_; }

 private:
  const uint64_t limit_;
  std::atomic<uint64_t> taken_ = 0;
};

/// Bytes that are given back by whoever took them.
class NnShare {
 public:
  explicit NnShare(std::shared_ptr<NnBytes> from) : from_(std::move(from)) {}
  ~NnShare() { from_->give_back(taken_); }
  NnShare(const NnShare&) = delete;
  NnShare& operator=(const NnShare&) = delete;
  /// Has so many from now on; false where there are not so many.
  bool hold(uint64_t bytes) {
    if (bytes > taken_ && !from_->take(bytes - taken_)) return false;
    if (bytes < taken_) from_->give_back(taken_ - bytes);
    taken_ = bytes;
    return true;
  }
  uint64_t left() const { return from_->left(); }

 private:
  std::shared_ptr<NnBytes> from_;
  uint64_t taken_ = 0;
};

struct NnGraph {
  std::shared_ptr<const Loaded> loaded;
  int threads;
  std::atomic<bool> detached = false;  ///< unloaded
  NnShare bytes;

  NnGraph(std::shared_ptr<const Loaded> model, int workers, std::shared_ptr<NnBytes> quota)
      : loaded(std::move(model)), threads(workers), bytes(std::move(quota)) {}

  int32_t inputs() const;
  int32_t outputs() const;
  /// {"name": of the tensor, "key": in the signature, or null, "dtype", "shape", "scale", "zero_point"}; empty where
  /// there is no such input. Dimensions that are free are -1; scale is 0 where there is none.
  std::string input_info(uint32_t index) const;
  std::string output_info(uint32_t index) const;
};

/// A tensor as a guest gives it.
struct NnTensor {
  std::span<const uint32_t> dims;
  uint8_t type;
  std::span<const std::byte> data;
};

using Clock = std::chrono::steady_clock;

/// Inputs are kept until they are replaced, outputs until the next compute. Whoever calls holds a Use meanwhile.
class NnContext {
 public:
  /// Errors as of Nn::init_context.
  static NnResult<std::shared_ptr<NnContext>> create(std::shared_ptr<NnGraph> graph, std::shared_ptr<NnBytes> quota,
                                                     Clock::time_point deadline);

  /// The right to work on a context; kBusy where somebody else does.
  using Use = std::unique_lock<std::mutex>;
  NnResult<Use> use();

  const NnGraph& graph() const { return *graph_; }
  /// kInvalidArgument where the graph was unloaded.
  NnResult<void> attached() const;
  /// Position by the signature's name for it, or the tensor's, also with ":0" behind it; kNotFound lists what there is.
  NnResult<uint32_t> find_input(std::string_view name) const;
  NnResult<uint32_t> find_output(std::string_view name) const;

  /// Errors: kInvalidArgument for an index, a shape, a type or a size that does not fit.
  NnResult<void> set_input(uint32_t index, const NnTensor& tensor);
  /// The same for data whose shape is the input's at the moment.
  NnResult<void> set_input(uint32_t index, std::span<const std::byte> data);
  /// kInvalidArgument where inputs are missing, kRuntimeError where the model fails or the deadline passes. What was
  /// computed before is gone in any case.
  NnResult<void> compute();
  /// What was computed; kRuntimeError before.
  NnResult<std::span<const std::byte>> output(uint32_t index) const;
  /// Whether memory of this type, shape and size can hold the output: kInvalidArgument, kTooLarge.
  NnResult<void> check_output(uint32_t index, const NnTensor& tensor) const;
  /// As the session has them, for type and scale; null where there is no such input or output.
  const Tensor* input(uint32_t index) const;
  const Tensor* output_tensor(uint32_t index) const;
  /// What the signature calls an output or, without one, its tensor's name; empty where there is none.
  std::string_view output_name(uint32_t index) const;
  /// Forgets what stateful operators remember.
  void reset();

  /// Where a guest wants an output after each compute: an address and size in its memory.
  struct Place {
    uint32_t index;
    uint64_t at, size;
  };
  std::vector<Place> places;

  /// The graph that ends with the context.
  std::optional<uint32_t> own_graph;

  /// Of this context's last call that failed.
  std::string last_error;

 private:
  struct Input {
    Bytes data;
    uint64_t bytes = 0;
    bool is_set = false;
    bool bound = false;  ///< the session reads `data` itself
  };
  NnContext(std::shared_ptr<NnGraph> graph, std::shared_ptr<NnBytes> quota)
      : graph_(std::move(graph)), bytes_(std::move(quota)) {}
  /// Lets the session read inputs and write outputs where they lie here.
  NnResult<void> hold();

  std::mutex mutex_;
  const std::shared_ptr<NnGraph> graph_;
  NnShare bytes_;
  std::unique_ptr<Session> session_;
  std::vector<Input> inputs_;
  std::vector<Bytes> outputs_;
  bool computed_ = false;
};

}  // namespace tulle::host
