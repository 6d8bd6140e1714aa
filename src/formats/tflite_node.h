// Operators of .tflite files to and from Nodes.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "formats/tflite_source.h"
#include "formats/tflite_tables.h"
#include "formats/tflite_target.h"
#include "graph/graph.h"

namespace tulle::tflite {

/// The operator that an entry of the file's list stands for. The list has two columns for the code, the older of one
/// byte; the larger number is the code.
Result<Node> read_code(Source& source, const fbs::OperatorCode& code);
/// Fills in everything but what the node computes. Errors name what is wrong, not which operator.
Result<void> read_node(Source& source, const fbs::Operator& op, Node& node);

flatbuffers::Offset<fbs::OperatorCode> write_code(Target& target, const Node& node);
/// `code` is the position of what the node computes in the file's list.
Result<flatbuffers::Offset<fbs::Operator>> write_node(Target& target, const Node& node, uint32_t code);

}  // namespace tulle::tflite
