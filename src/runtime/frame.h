// Frame: one graph of a model made runnable; a session has one for the graph it runs and one for each body that is
// called.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "ops/op.h"
#include "runtime/bytes.h"
#include "runtime/chain.h"
#include "runtime/constants.h"
#include "runtime/plan.h"
#include "runtime/session.h"
#include "runtime/variables.h"

namespace tulle {

class Frame;

/// What the frames of one session share.
struct Shared {
  std::shared_ptr<const Model> model;
  SessionOptions options;
  std::map<int, std::unique_ptr<Frame>> frames;  ///< by graph
  bool planned = false;     ///< memory is laid out: a frame that prepares from now on does without a plan
  uint64_t heap_bytes = 0;  ///< folded constants, variables and dynamic values of all frames
  uint64_t folded_bytes = 0;
  int depth = 0;  ///< how deep calls nest at the moment
  const kernels::Kernels* kernels = nullptr;
  bool exact_reals = false;  ///< some node has real activations and integer weights
  std::optional<ThreadPool> threads;
  ThreadPool* pool = nullptr;  ///< the same while it is held; null for one thread
  std::atomic<bool> cancelled{false};
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();

  /// Calls part() with the session's share of the process's helpers.
  Result<void> with_pool(auto part) {
    const ThreadPool::Hold hold(&*threads);
    pool = hold.pool();
    const Result<void> result = part();
    pool = nullptr;
    return result;
  }
  /// Counts bytes against the memory limit; `what` is for the message. Weights in a mapped pack are not counted.
  Result<void> charge(uint64_t bytes, std::string_view what);
  /// An error where the run was cancelled or its time is over; `what` and `number` say what does not start.
  Result<void> check_stop(std::string_view what, int32_t number) const;
  /// The same for time alone.
  Result<void> check_time(std::string_view what, int32_t number) const;
  /// The frame of a graph, made on first use.
  Frame& frame(int graph);
};

/// Where the bytes of a value live.
enum class Storage : uint8_t {
  kNone,      ///< nowhere: a value no one computes or reads
  kConstant,  ///< in the model
  kFolded,    ///< computed ahead of time
  kVariable,  ///< kept from run to run
  kArena,     ///< planned
  kDynamic,   ///< allocated while running, when the shape is known
};

class Frame final : public ops::Host {
 public:
  Frame(Shared& shared, int graph);

  const Graph& graph() const { return graph_; }
  Tensor& value(int32_t index) { return values_[index]; }
  Storage storage(int32_t value) const { return slots_[value].storage; }
  std::span<const NodeTiming> timings() const { return timings_; }
  /// The graphs that prepared nodes call, once for each time they are named.
  std::vector<int> callees() const;
  /// Adds the packed weights of its nodes.
  void count_kept(MemoryReport& report) const;

  /// Infers shapes, folds, and prepares kernels for these input shapes. Memory follows with `lives` and `place`. Called
  /// again with other shapes, or after memory was planned, the frame turns dynamic: it finds shapes and memory as it
  /// runs.
  Result<void> prepare(std::span<const Shape> inputs);
  bool prepared() const { return prepared_; }

  /// Appends the lifetimes of the blocks of this frame and of the frames its nodes call. Steps count from `clock`,
  /// which moves on; a call's steps lie inside its node's. `shared_frames` are graphs that several nodes call: those
  /// live from the first step to the last, and are left to `lives_throughout`.
  void lives(std::vector<Life>& lives, int32_t& clock, const std::set<int>& shared_frames);
  void lives_throughout(std::vector<Life>& lives, int32_t end);
  /// Points the values at their places in the arena.
  void place(const Plan& plan, std::byte* arena);

  /// Moves a planned value to memory of the caller, or back home (null).
  void bind(int32_t value, std::byte* data);
  /// Gives an input memory where the frame is dynamic, sized for its shape.
  Result<void> grow_input(int32_t value);
  Result<void> run();
  void reset_variables();
  void reset_timings();

  // ops::Host
  Result<std::vector<Shape>> call_shapes(int graph, std::span<const Shape> inputs) override;
  Result<std::span<const Tensor>> call(int graph, std::span<const Tensor> inputs) override;
  int32_t variable(std::string_view container, std::string_view name) override;
  Result<Tensor> read_variable(int32_t handle) override;
  Result<void> assign_variable(int32_t handle, const Tensor& value) override;
  bool first_call(int graph) override;
  Result<void> resize(Tensor& output, const Shape& shape, uint64_t bytes) override;
  bool constant(const Tensor& value) const override { return slots_[index_of(value)].from_constants; }
  std::optional<ops::Site> maker(const Tensor& value) override;
  void absorb(const Tensor& value) override;
  Tensor* read_past(int node, int operand) override;
  Result<const std::byte*> keep(int node, int32_t layout, uint64_t bytes, const Fill& fill) override;

 private:
  struct Slot {
    Storage storage = Storage::kNone;
    bool from_constants = false;          ///< a constant, or folded from constants alone whatever the input shapes are
    int32_t block = -1;                   ///< index into the session's lives
    std::byte* home = nullptr;            ///< kArena: its place in the arena
    std::shared_ptr<const Bytes> shared;  ///< kFolded
    Bytes own;                            ///< kVariable, kDynamic
    int32_t whole = -1;                   ///< kArena: the value in whose memory this one lies; -1: its own
    uint64_t at = 0;                      ///< where in there
    int64_t pitch = 0;           ///< kNone: its vectors lie so many elements apart in `whole`; 0: no such value
    std::vector<int32_t> parts;  ///< values that lie in this one
    int32_t parts_last = -1;     ///< the last step that needs one of them
    int height = 0;              ///< levels of parts
  };
  /// Steps that run as one, and for each worker its own tensors in place of what lies between them.
  struct Chain {
    struct Worker {
      std::vector<Tensor> made;
      std::vector<std::vector<Tensor*>> inputs, outputs;
      std::vector<ops::RowReach::Range> held, needed;
      std::vector<std::chrono::steady_clock::duration> times;
    };
    std::vector<int32_t> steps;
    std::vector<Link> links;
    std::vector<int64_t> row_elements;
    ChainPlan plan;
    std::vector<Worker> workers;
  };
  struct Step {
    int32_t node;
    const ops::Op* op;
    bool dynamic = false;
    ops::Kernel kernel;
    std::vector<Tensor*> inputs, outputs, intermediates;
    std::vector<std::byte*> scratch;
    std::vector<uint64_t> scratch_sizes;
    std::vector<int32_t> scratch_blocks;
    std::vector<Bytes> own_scratch;     ///< of dynamic steps
    int32_t tail = -1;                  ///< the step that is done while this one runs, as it makes its output
    int32_t head = -1;                  ///< of a tail: that step
    std::optional<ops::RowReach> rows;  ///< see Site::by_rows
    int32_t chain = -1;                 ///< of a step in a chain: the last of the chain, which runs them all
    std::unique_ptr<Chain> links;       ///< of that step
    std::vector<ops::Part> parts;       ///< what inputs and outputs may have in common
    bool pitched = false;               ///< the kernel minds Io::pitch
    Kept kept;                          ///< packed weights
    Constants::Key kept_key;            ///< what they were packed for
  };

  ops::Site site(const Step& step);
  std::vector<Tensor*> pointers(std::span<const int32_t> values);
  int workers() const { return shared_.threads->threads(); }
  void build_steps();
  Result<void> reset_values(std::span<const Shape> inputs);
  Result<void> prepare_step(Step& step);
  Result<void> prepare_kernel(Step& step, ops::Site& site);
  bool folds(const Step& step) const;
  /// Finds steps that can be done piece by piece while the one before them makes their input.
  void link_tails();
  bool follows(const Step& step, const Step& head) const;
  /// Finds steps that are worth being run some rows at a time, one after the other.
  void link_chains();
  std::optional<Link> link(const Step& step, const Step* before) const;
  void make_chain(std::vector<int32_t> steps, std::vector<Link> links);
  void run_chain(Step& last);
  void run_band(const Chain& chain, Chain::Worker& worker, std::byte* memory, int number);
  /// Finds values that can lie in others, because their bytes become a part of those or were one. The kernels between
  /// them copy what does not.
  void share_memory();
  bool can_be_part(int32_t value) const;
  /// Lays a step's output into its input, whose parts come to so many bytes with the step's others.
  bool lay_view(const Step& step, const ops::Part& part, uint64_t all);
  /// Lays a step's input into its output.
  void lay_piece(const Step& step, const ops::Part& part);
  /// Lays a step's input into its output as columns: each vector along the last dimension by itself.
  void lay_columns(const Step& step, const ops::Part& part);
  bool lay_inside(int32_t value, int32_t whole, uint64_t at);
  /// Whether the step's tail is done, too.
  Result<bool> run_step(Step& step);
  /// Gives back the memory of weights in a file that a packed form stands for from now on.
  void forget_inputs(const Step& step) const;
  Result<void> fold(Step& step, ops::Site& site);
  Result<void> prepare_dynamic(Step& step);
  Result<void> grow(int32_t value, uint64_t bytes);
  /// Gives a variable the contents it starts with: zeros, as its quantisation has them in int8.
  void clear_variable(int32_t value);
  void life_of_value(std::vector<Life>& lives, int32_t value, int32_t first, int32_t last, int32_t over = -1);
  int32_t made_over(const Step& step) const;
  int32_t index_of(const Tensor& tensor) const { return static_cast<int32_t>(&tensor - values_.data()); }

  Shared& shared_;
  int index_;
  const Graph& graph_;
  std::vector<Tensor> values_;
  std::vector<Slot> slots_;
  std::vector<Step> steps_;
  std::vector<int32_t> makers_;    ///< step that makes a value; -1 where none does
  std::vector<int32_t> uses_;      ///< how many operands read a value, INT32_MAX for outputs
  std::vector<int32_t> last_use_;  ///< step that reads a value last; INT32_MAX for outputs, -1 where none does
  std::vector<NodeTiming> timings_;
  std::vector<Shape> input_shapes_;
  std::vector<Tensor> call_outputs_;
  bool prepared_ = false;
  bool dynamic_ = false;
};

}  // namespace tulle
