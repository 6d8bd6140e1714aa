// Reads operators: codes, operands, options.
#include "formats/tflite_node.h"

#include <algorithm>

#include "formats/tflite_options.h"

namespace tulle::tflite {
namespace {

Result<Attributes> read_attributes(Source& source, const fbs::Operator& op) {
  const auto first = static_cast<uint8_t>(op.builtin_options_type());
  const auto second = static_cast<uint8_t>(op.builtin_options_2_type());
  if (first != 0 && second != 0)
    return fail(ErrorCode::kInvalidFile, "options in both unions, {} of the first and {} of the second", first, second);
  if (first != 0) return read_options(source, kOptionsUnions[0], first, op.builtin_options());
  if (second != 0) return read_options(source, kOptionsUnions[1], second, op.builtin_options_2());
  return Attributes{};
}

Result<std::vector<std::byte>> read_custom_options(Source& source, const fbs::Operator& op) {
  if (op.custom_options_format() != fbs::CustomOptionsFormat::FLEXBUFFERS)
    return fail(ErrorCode::kUnsupported, "the format {} is not known", static_cast<int>(op.custom_options_format()));
  const bool outside = op.large_custom_options_offset() > 1 && op.large_custom_options_size() > 0;
  if (!outside) return source.list<std::byte>(op.custom_options());
  if (op.custom_options() != nullptr && op.custom_options()->size() > 0)
    return fail(ErrorCode::kInvalidFile, "both inside and outside the tables");
  TULLE_TRY(const auto bytes, source.outside(op.large_custom_options_offset(), op.large_custom_options_size()));
  TULLE_CHECK(source.take(bytes.size()));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

}  // namespace

Result<Node> read_code(Source& source, const fbs::OperatorCode& code) {
  Node node;
  node.op = std::max<int32_t>(code.deprecated_builtin_code(), static_cast<int32_t>(code.builtin_code()));
  node.version = code.version();
  if (node.op < 0 || node.op >= kBuiltinCount)
    return fail(ErrorCode::kUnsupported, "builtin operator {} is not known", node.op);
  if (node.op == kCustomOp) {
    TULLE_TRY(node.custom, source.text(code.custom_code()));
    if (node.custom.empty()) return fail(ErrorCode::kInvalidFile, "a custom operator without a name");
  }
  return node;
}

Result<void> read_node(Source& source, const fbs::Operator& op, Node& node) {
  TULLE_TRY(node.inputs, source.list<int32_t>(op.inputs()));
  TULLE_TRY(node.outputs, source.list<int32_t>(op.outputs()));
  TULLE_TRY(node.intermediates, source.list<int32_t>(op.intermediates()));
  TULLE_TRY(node.attributes, read_attributes(source, op));
  TULLE_TRY(node.custom_options, within(read_custom_options(source, op), "custom options"));
  TULLE_TRY(node.mutating_inputs, source.list<bool>(op.mutating_variable_inputs()));
  node.debug_metadata = op.debug_metadata_index();
  return {};
}

}  // namespace tulle::tflite
