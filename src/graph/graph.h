// Model: named graphs of values and nodes, as read from a file, built by hand or made by a pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_map.h"
#include "graph/attributes.h"
#include "graph/dtype.h"
#include "graph/quantization.h"
#include "graph/shape.h"

namespace tulle {

/// What a node computes: a TFLite builtin by its code, or a custom operator by its name (code kCustomOp).
inline constexpr int32_t kCustomOp = 32;
inline constexpr int32_t kBuiltinCount = 210;
/// "CONV_2D"; empty for a code outside 0…kBuiltinCount-1.
std::string_view builtin_name(int32_t code);
/// The code of this name.
std::optional<int32_t> parse_builtin(std::string_view name);

/// An absent optional operand of a node.
inline constexpr int32_t kAbsent = -1;

/// One operand of nodes: an input, a constant, a variable or something a node computes.
struct Value {
  /// A list of element types and shapes inside a VARIANT or RESOURCE value.
  struct Variant {
    DType dtype = DType::kFloat32;
    Shape shape;
    bool has_rank = false;
    bool operator==(const Variant&) const = default;
  };

  std::string name;
  DType dtype = DType::kFloat32;
  Shape shape;                     ///< the shape to start from; dimensions are never kUnknown here
  std::optional<Shape> signature;  ///< the same with kUnknown where the dimension may change
  bool has_rank = false;           ///< an empty shape means a scalar, not an unknown rank
  uint32_t buffer = 0;             ///< index into Model::buffers; an empty buffer (always 0) means no constant data
  bool is_variable = false;        ///< keeps its contents from run to run, starting as zeros (int8: its zero point)
  std::shared_ptr<const Quantization> quantization;  ///< null where there is none
  std::shared_ptr<const Sparsity> sparsity;          ///< null where the data is dense
  std::vector<Variant> variants;
  uint32_t external_buffer = 0;  ///< id of a Model::ExternalBuffer; 0 for none

  bool operator==(const Value& other) const;
};

/// One step of a graph.
struct Node {
  int32_t op = 0;      ///< builtin code, kCustomOp for a custom operator
  std::string custom;  ///< name of the custom operator
  int32_t version = 1;
  std::vector<int32_t> inputs, outputs;  ///< value indices; kAbsent where an optional operand is left out
  std::vector<int32_t> intermediates;    ///< values that describe inner quantities (the gates of an LSTM)
  Attributes attributes;
  std::vector<std::byte> custom_options;  ///< raw bytes (FlexBuffers) of a custom operator
  std::vector<bool> mutating_inputs;      ///< which inputs are variables this node changes
  int32_t debug_metadata = -1;

  bool operator==(const Node&) const = default;
};

/// "CONV_2D", or the name of the custom operator.
std::string_view op_name(const Node& node);
/// The same as it may stand in a message: the name of a custom operator quoted.
std::string label(const Node& node);

/// Nodes in execution order over values. Index 0 of Model::graphs is the main one; others are bodies of control flow.
struct Graph {
  std::string name;
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<int32_t> inputs, outputs;
  int32_t debug_metadata = -1;

  bool operator==(const Graph&) const = default;
};

/// Constant bytes: a view into a mapped file or into memory of its own; `owner` keeps either alive.
struct Buffer {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
  bool in_file = false;  ///< a view into a mapped file, whose pages can be forgotten and read again

  /// A buffer that owns a copy of the bytes, aligned to 64.
  static Buffer copy(std::span<const std::byte> bytes);
  bool operator==(const Buffer& other) const;
};

/// A named way to call a graph, with names for its inputs and outputs.
struct Signature {
  struct Entry {
    std::string name;
    uint32_t value = 0;  ///< value index in the graph
    bool operator==(const Entry&) const = default;
  };
  std::string key;
  std::vector<Entry> inputs, outputs;
  uint32_t graph = 0;
  bool operator==(const Signature&) const = default;
};

/// The bytes that a model was read from, which `owner` keeps alive. They are no part of what a model means: any two are
/// equal.
struct Origin {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
  bool in_file = false;  ///< as Buffer::in_file
  FileState file;        ///< of that file, where it is all of it
  bool operator==(const Origin&) const { return true; }
};

struct Model {
  struct Metadata {
    std::string name;
    uint32_t buffer = 0;
    bool operator==(const Metadata&) const = default;
  };
  struct ExternalBuffer {
    uint32_t id = 0, group = 0;
    uint64_t offset = 0, length = 0;
    std::string packing;
    bool operator==(const ExternalBuffer&) const = default;
  };

  uint32_t version = 3;
  std::string description;
  std::vector<Graph> graphs;
  std::vector<Buffer> buffers;  ///< entry 0 is empty
  std::vector<Signature> signatures;
  std::vector<Metadata> metadata;
  std::vector<int32_t> metadata_buffer;  ///< an older list of buffers that hold metadata
  std::vector<std::string> external_groups;
  std::vector<ExternalBuffer> external_buffers;
  Origin origin;  ///< empty where the model was built or changed otherwise

  bool operator==(const Model&) const = default;

  /// The constant bytes of a value; empty where it has none.
  std::span<const std::byte> data(const Value& value) const { return buffers[value.buffer].bytes; }
  /// The bytes of the metadata entry with this name; empty where there is none.
  std::span<const std::byte> find_metadata(std::string_view name) const;
};

/// Bytes that `elements` elements of a type take (packed below 8 bits); 0 for types without a fixed size.
int64_t byte_size(DType type, int64_t elements);

}  // namespace tulle
