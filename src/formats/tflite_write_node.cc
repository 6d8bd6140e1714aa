// Writes operators: codes, operands, options.
#include <algorithm>

#include "formats/tflite_node.h"
#include "formats/tflite_options.h"

namespace tulle::tflite {

using flatbuffers::Offset;

Offset<fbs::OperatorCode> write_code(Target& target, const Node& node) {
  // Older readers look at one byte, where 127 means "see the other column".
  const auto old = static_cast<int8_t>(std::min(node.op, 127));
  const auto custom = node.op == kCustomOp ? target.builder.CreateString(node.custom) : 0;
  return fbs::CreateOperatorCode(target.builder, old, custom, node.version, static_cast<fbs::BuiltinOperator>(node.op));
}

Result<Offset<fbs::Operator>> write_node(Target& target, const Node& node, uint32_t code) {
  auto& builder = target.builder;
  TULLE_TRY(const WrittenOptions options, write_options(builder, node.attributes));
  const bool outside = target.goes_outside(node.custom_options);
  Offset<flatbuffers::Vector<uint8_t>> custom_options;
  if (!outside && !node.custom_options.empty()) custom_options = target.bytes(node.custom_options);
  const auto intermediates = target.some(node.intermediates);
  const auto mutating = target.some(node.mutating_inputs);
  const auto outputs = target.list(std::span(node.outputs)), inputs = target.list(std::span(node.inputs));
  const bool second = options.which == 1;
  const auto op = fbs::CreateOperator(
      builder, code, inputs, outputs, static_cast<fbs::BuiltinOptions>(second ? 0 : options.type),
      second ? Offset<void>() : options.table, custom_options, fbs::CustomOptionsFormat::FLEXBUFFERS, mutating,
      intermediates, outside ? Target::kPlaceholder : 0, outside ? node.custom_options.size() : 0,
      static_cast<fbs::BuiltinOptions2>(second ? options.type : 0), second ? options.table : Offset<void>(),
      node.debug_metadata);
  if (outside) target.parts.push_back({op.o, fbs::Operator::VT_LARGE_CUSTOM_OPTIONS_OFFSET, node.custom_options});
  return op;
}

}  // namespace tulle::tflite
