// Op: one operator, as a row of data and two functions; and what those functions see.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/after.h"
#include "base/function.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "graph/graph.h"
#include "graph/tensor.h"

namespace tulle::kernels {
struct Kernels;
}

namespace tulle::ops {

class Site;

/// What a node may ask of the session it runs in: bodies of control flow and variables by handle.
class Host {
 public:
  /// The output shapes of a graph for these input shapes; kUnknown dimensions where they depend on data.
  virtual Result<std::vector<Shape>> call_shapes(int graph, std::span<const Shape> inputs) = 0;
  /// Runs a graph on copies of these inputs. The tensors returned stay valid until the next call of the same graph.
  virtual Result<std::span<const Tensor>> call(int graph, std::span<const Tensor> inputs) = 0;
  /// The handle of the resource variable of this container and name, made on first use.
  virtual int32_t variable(std::string_view container, std::string_view name) = 0;
  /// The present contents of a variable; an error where nothing was assigned yet or the handle is none of ours.
  virtual Result<Tensor> read_variable(int32_t handle) = 0;
  virtual Result<void> assign_variable(int32_t handle, const Tensor& value) = 0;
  /// Whether this is the first time since the variables were reset that an initialiser asks to run a graph.
  virtual bool first_call(int graph) = 0;
  /// Gives an output whose shape the shape rule could not tell its shape and memory, while the node runs.
  virtual Result<void> resize(Tensor& output, const Shape& shape, uint64_t bytes) = 0;
  /// Whether a value hangs on the model alone, not on inputs or variables.
  virtual bool constant(const Tensor& value) const = 0;
  /// The node that makes a value which only one operand of one other node sees, and nobody outside; else nothing. While
  /// that other node is prepared it may take over that work and say so: `absorb` leaves the maker idle, the value
  /// unset.
  virtual std::optional<Site> maker(const Tensor& value) = 0;
  virtual void absorb(const Tensor& value) = 0;
  /// Absorbs what an operand of the node reads, and lets that operand read its maker's input 0 instead: this tensor.
  virtual Tensor* read_past(int node, int operand) = 0;
  /// Memory that a node computes from constants once, for all sessions of the model: `fill` writes it unless it is
  /// there, on the threads of the pool or, where that is null, alone. `layout` tells apart what a node may keep for
  /// different shapes of its inputs. A node keeps one block at most; it stays where it is while the node is prepared.
  using Fill = std::function<void(std::byte*, ThreadPool*)>;
  virtual Result<const std::byte*> keep(int node, int32_t layout, uint64_t bytes, const Fill& fill) = 0;

 protected:
  ~Host() = default;
};

/// What a running kernel sees. Operand pointers are null where an optional operand is absent.
struct Io {
  std::span<Tensor* const> inputs, outputs;
  std::span<std::byte* const> scratch;  ///< in the order of Site::scratch calls
  Host* host;
  ThreadPool* pool = nullptr;  ///< null: the kernel works alone
  /// For kernels that make output 0 piece by piece: who calls `take_after` calls what it returns, unless that is null,
  /// with each piece while it is still in the cache; who does not leaves that work to others.
  const After* after = nullptr;
  bool* taken = nullptr;
  /// For kernels that Site::minds_pitch: elements from one vector along the last dimension of output 0 to the next; 0:
  /// as many as the vector has.
  int64_t pitch = 0;
  /// For Op::piecewise and Site::by_rows: the elements of output 0 to make, from `first` on; all where `count` is
  /// negative.
  int64_t first = 0, count = -1;
  int worker = 0;  ///< whose part of scratch memory to use where some are made

  const After* take_after() const {
    if (after != nullptr) *taken = true;
    return after;
  }

  template <class T>
  const T* in(int i) const {
    return static_cast<size_t>(i) < inputs.size() && inputs[i] != nullptr ? inputs[i]->as<T>() : nullptr;
  }
  template <class T>
  T* out(int i) const {
    return outputs[i]->as<T>();
  }
  /// For variables: an input that this node changes.
  template <class T>
  T* state(int i) const {
    return inputs[i]->as<T>();
  }
};

/// Bytes of an input that a node gives as bytes of an output, unchanged.
struct Part {
  int input, output;
  uint64_t from, to;  ///< where they begin
  uint64_t bytes;
  uint64_t pitch = 0;  ///< 0, or how far apart in the output such pieces are, of which the input is made
};

/// Which rows of input 0 some rows of output 0 need. Rows are those of NHWC images of a batch of one.
struct RowReach {
  int32_t in_rows, out_rows;
  int32_t stride = 1, pad = 0, reach = 1;  ///< output row y sees rows y * stride - pad and `reach` - 1 after it

  struct Range {
    int32_t first, last;  ///< one past the last
  };
  /// What output rows of a range, which is not empty, need.
  Range needed(Range out) const {
    const int64_t first = int64_t{out.first} * stride - pad, last = int64_t{out.last - 1} * stride - pad + reach;
    const auto inside = [&](int64_t row) { return static_cast<int32_t>(row < 0 ? 0 : row > in_rows ? in_rows : row); };
    return {inside(first), inside(last)};
  }
};

/// The arithmetic of one prepared node. Shapes, attributes and constants were checked and captured by `prepare`; it
/// allocates nothing and fails only on what the values themselves make impossible (an index out of range, an unset
/// variable).
using Kernel = Function<Result<void>(const Io&)>;

/// One node while its shapes are inferred and while it is prepared. The session has checked before that the operands
/// fit a row of Op::types, so operands that the row requires are present.
class Site {
 public:
  int graph_index = 0, node_index = 0;
  const Model* model = nullptr;
  const Node* node = nullptr;
  std::vector<Tensor*> inputs, outputs, intermediates;  ///< null where absent
  Host* host = nullptr;
  const kernels::Kernels* kernels = nullptr;  ///< null: the plain loops
  int workers = 1;                            ///< most threads of Io::pool
  /// Float kernels must give the plain loops' bits: where real activations meet integer weights, they become codes, and
  /// a last bit can become another code.
  bool exact_reals = false;

  /// The float kernels that may round otherwise than the plain loops, or null.
  const kernels::Kernels* float_kernels() const { return exact_reals ? nullptr : kernels; }

  const Attributes& attributes() const { return node->attributes; }
  int input_count() const { return static_cast<int>(inputs.size()); }
  int output_count() const { return static_cast<int>(outputs.size()); }
  bool has(int i) const { return i < input_count() && inputs[i] != nullptr; }
  const Tensor& in(int i) const { return *inputs[i]; }
  const Tensor& out(int i) const { return *outputs[i]; }

  /// Whether the values of input i are at hand: a constant, computed already, or any input while running.
  bool known(int i) const { return has(i) && (in(i).data != nullptr || in(i).elements() == 0); }
  /// The values of a known input.
  template <class T>
  std::span<const T> values(int i) const {
    return {in(i).as<const T>(), static_cast<size_t>(in(i).elements())};
  }

  // For shape rules. Every output needs set_shape, or the rule returns defer().
  /// Sets the shape of output i; an error where it has over kMaxElements elements. STRING outputs give their bytes,
  /// too.
  Result<void> set_shape(int i, const Shape& shape, uint64_t string_bytes = 0);
  /// Says that the shapes of all outputs hang on values not known yet: the rule is asked again when they are.
  /// A rule that defers with every input known leaves it to the kernel to call Host::resize on each output.
  Result<void> defer();
  bool deferred() const { return deferred_; }

  // For prepare.
  /// Asks for memory for the time of this node, aligned to 64: Io::scratch[result]. Contents are undefined at each run.
  int scratch(uint64_t bytes);
  /// The node that makes input i for this node alone, else nothing; Host::absorb(in(i)) takes its work over.
  std::optional<Site> maker(int i) const;
  /// Takes the maker's work over and makes its input 0 this node's input i.
  void read_past(int i) { inputs[static_cast<size_t>(i)] = host->read_past(node_index, i); }
  bool constant(int i) const { return has(i) && host->constant(in(i)); }
  /// Host::keep for this node.
  Result<const std::byte*> keep(int32_t layout, uint64_t bytes, const Host::Fill& fill) const {
    return host->keep(node_index, layout, bytes, fill);
  }
  const std::vector<uint64_t>& scratch_sizes() const { return scratch_; }
  /// Says that the kernel does nothing for this part where input and output have it in the same place.
  void leaves_in_place(const Part& part) { parts_.push_back(part); }
  const std::vector<Part>& parts() const { return parts_; }
  /// Says that the kernel looks at Io::pitch, if nobody takes what it makes piece by piece.
  void minds_pitch() { minds_pitch_ = true; }
  bool pitched() const { return minds_pitch_; }
  /// Says that the kernel makes any whole rows of output 0 out of the rows of input 0 that they need, alone, with the
  /// scratch memory of Io::worker, and without failing: see Io::first.
  void by_rows(const RowReach& rows) { rows_ = rows; }
  const std::optional<RowReach>& rows() const { return rows_; }

  /// "node 12 CONV_2D" (with " in graph 3" outside the main graph), for messages.
  std::string where() const;
  template <class... Args>
  [[nodiscard]] std::unexpected<Error> invalid(fmt::format_string<Args...> format, Args&&... args) const {
    return fail_at(ErrorCode::kInvalidFile, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  [[nodiscard]] std::unexpected<Error> unsupported(fmt::format_string<Args...> format, Args&&... args) const {
    return fail_at(ErrorCode::kUnsupported, format, fmt::make_format_args(args...));
  }

 private:
  std::unexpected<Error> fail_at(ErrorCode code, fmt::string_view format, fmt::format_args args) const;

  std::vector<uint64_t> scratch_;
  std::vector<Part> parts_;
  std::optional<RowReach> rows_;
  bool deferred_ = false, minds_pitch_ = false;
};

/// An error of a running kernel; `where` is Site::where(), captured by prepare.
std::unexpected<Error> run_error(std::string_view where, std::string_view message);

struct Op {
  /// The operand types it takes, rows separated by ';' in the notation of types.h: "f32 f32 f32? > f32; i8 i8 i32? >
  /// i8".
  const char* types;
  /// Sets the shapes of the outputs from the shapes (and, where they are known, values) of the inputs, checking them.
  Result<void> (*shape)(Site& site);
  /// Does every remaining check and look-up once, and returns the kernel. All shapes are known.
  Result<Kernel> (*prepare)(Site& site);
  /// Bit i: output 0 may lie exactly over input i (same size), because the kernel reads each element before it writes
  /// it.
  uint32_t in_place = 0;
  /// Kernels make any range of the elements of output 0, float32 or 8-bit, out of the same elements of inputs of its
  /// type and shape, single elements, and vectors along its last dimension, if it begins and ends with such a vector:
  /// see Io::first. They use no scratch memory, do not fail, and several may run at a time.
  bool piecewise = false;
  /// Keeps something between runs or reaches outside its operands; never run ahead of time.
  bool stateful = false;
  /// The answer depends on the shapes of the inputs alone, so it is known as soon as they are.
  bool shapes_only = false;
};

/// One row of ops.def.
struct Row {
  int32_t code;  ///< builtin code; kCustomOp for custom operators
  std::string_view name;
  int32_t max_version;  ///< the newest version of the operator this one does
  const Op* op;
};
std::span<const Row> rows();
/// The row for a node's operator, or null where there is none.
const Row* find(const Node& node);

}  // namespace tulle::ops
