// Session: a model made runnable, with its memory planned, its kernels prepared and its variables.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"
#include "graph/tensor.h"

namespace tulle {

/// The resource variables of one or more sessions (one signature may initialise what another reads).
/// Sessions that share variables must not run at the same time.
class Variables;
std::shared_ptr<Variables> make_variables();

/// Constants computed ahead of time (float16 weights widened, sparse ones unfolded, weights packed for kernels), shared
/// by the sessions of one model.
class Constants;
std::shared_ptr<Constants> make_constants();

struct SessionOptions {
  std::string signature;  ///< which signature's graph to run; empty: the main graph
  int threads = 1;        ///< at most this many threads work on a run
  /// Most bytes of activations, scratch and folded constants together. Weights in a mapped pack are not counted: the
  /// system takes their pages back as it does those of the model.
  uint64_t memory_limit = uint64_t{4} << 30;
  bool keep_all_values = false;  ///< every value keeps memory of its own, so that all can be read after a run
  bool time_nodes = false;       ///< fill Session::timings
  /// Preparing and running end with kDeadline at the first node that starts after it.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::shared_ptr<Variables> variables;  ///< null: variables of its own
  std::shared_ptr<Constants> constants;  ///< null: constants of its own; never to be shared between models
};

/// What one input or output of a session is called, and what it holds at the moment.
struct Port {
  std::string name;  ///< the signature's name for it, else the value's
  int32_t value;     ///< index into the graph's values
};

struct NodeTiming {
  int graph, node;
  std::chrono::nanoseconds time;
};

struct MemoryReport {
  uint64_t arena_bytes = 0;        ///< planned memory of all graphs
  uint64_t lower_bound_bytes = 0;  ///< no plan can need less: the most bytes live at one moment
  uint64_t folded_bytes = 0;  ///< constants computed and weights packed ahead of time, but for those in a mapped pack
  uint64_t variable_bytes = 0;
  uint64_t packed_bytes = 0;  ///< packed weights in memory of the process, those of other sessions that it uses, too
  uint64_t mapped_bytes = 0;  ///< packed weights in a mapped pack

  /// Whether there are packed weights and all of them came from a pack.
  bool from_pack() const { return mapped_bytes > 0 && packed_bytes == 0; }
};

class Session {
 public:
  /// Prepares a verified model to run: checks every node's operator and types (one error lists all that can't run),
  /// infers shapes, folds constants, plans memory, prepares kernels. The model is shared and never changed; any number
  /// of sessions over one model may run at the same time, each on one thread at a time.
  static Result<std::unique_ptr<Session>> create(std::shared_ptr<const Model> model, SessionOptions options = {});
  ~Session();

  std::span<const Port> inputs() const;
  std::span<const Port> outputs() const;
  /// Position of the input or output with this name or decimal position; kNotFound lists the names there are.
  Result<int> find_input(std::string_view name) const;
  Result<int> find_output(std::string_view name) const;

  /// Shape, type and memory of input i, to be filled before each run. STRING inputs: use set_input.
  const Tensor& input(int i) const;
  /// Output i; valid after a run until the next change. Dynamic outputs change shape from run to run.
  const Tensor& output(int i) const;

  /// Gives input i another shape; takes effect at the next prepare or run. Dimensions that the model fixes may change
  /// too where every node accepts it.
  Result<void> resize(int i, const Shape& shape);
  /// Copies bytes in; their number must fit the input's shape and type. For STRING inputs: TFLite's string layout.
  Result<void> set_input(int i, std::span<const std::byte> bytes);
  /// Uses the caller's memory for input or output i from now on (null: the session's own again): as many bytes as the
  /// tensor has, aligned to its element, alive until rebound. Not for dynamic outputs.
  Result<void> bind_input(int i, std::byte* data, size_t bytes);
  Result<void> bind_output(int i, std::byte* data, size_t bytes);

  /// Infers, folds, plans and prepares again if shapes changed since; run does it by itself.
  Result<void> prepare();
  /// One inference. Allocates nothing unless shapes are dynamic or changed.
  Result<void> run();

  /// From any thread: makes a run in progress, or the next one, return kCancelled at the next node.
  void cancel();
  /// Each later run returns kDeadline at the first node that starts after this much time; zero: no limit.
  void set_time_limit(std::chrono::nanoseconds limit);
  /// Zeroes variable values and forgets resource variables; CALL_ONCE initialisers run again.
  void reset_variables();

  /// Time of each node in the last run, in execution order, bodies of control flow added up (options.time_nodes).
  std::span<const NodeTiming> timings() const;
  MemoryReport memory() const;
  const Model& model() const;
  int graph() const;
  /// After a run with keep_all_values: the value of the session's graph; data is null where nothing computed it.
  const Tensor& value(int32_t index) const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tulle
