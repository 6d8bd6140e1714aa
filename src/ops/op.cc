// The registry made of ops.def, and the parts of Site that are not inline.
#include "ops/op.h"

#include <algorithm>

#include "ops/built.h"

namespace tulle::ops {

#define OP(code, name, symbol, version) extern const Op op_##symbol;
#define CUSTOM_OP(name, symbol) extern const Op op_##symbol;
#include "ops/ops.def"
#undef OP
#undef CUSTOM_OP

namespace {

constexpr Row kRows[] = {
#define OP(code, name, symbol, version) {code, #name, version, &op_##symbol},
#define CUSTOM_OP(name, symbol) {kCustomOp, name, 1, &op_##symbol},
#include "ops/ops.def"
#undef OP
#undef CUSTOM_OP
};

}  // namespace

std::span<const Row> rows() { return kRows; }

const Row* find(const Node& node) {
  const auto* found = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& row) {
    return row.code == node.op && (node.op != kCustomOp || row.name == node.custom);
  });
  return found == std::end(kRows) || built_types[found - kRows] == 0 ? nullptr : found;
}

bool built_for(const Row& row, std::span<const std::optional<DType>> inputs,
               std::span<const std::optional<DType>> outputs) {
  const uint32_t types = built_types[&row - kRows];
  const auto there = [&](const std::optional<DType>& type) {
    return !type || (types >> static_cast<uint32_t>(*type) & 1) != 0;
  };
  return std::ranges::all_of(inputs, there) && std::ranges::all_of(outputs, there);
}

Result<void> Site::set_shape(int i, const Shape& shape, uint64_t string_bytes) {
  const int64_t elements = shape.elements();
  if (elements < 0 || shape.extent() > kMaxElements)
    return invalid("output {} would have shape {}, over the limit of {} elements", i, to_string(shape), kMaxElements);
  Tensor& tensor = *outputs[i];
  tensor.shape = shape;
  tensor.bytes = bits(tensor.dtype) == 0 ? string_bytes : static_cast<uint64_t>(byte_size(tensor.dtype, elements));
  return {};
}

Result<void> Site::defer() {
  deferred_ = true;
  return {};
}

std::optional<Site> Site::maker(int i) const { return has(i) ? host->maker(in(i)) : std::nullopt; }

int Site::scratch(uint64_t bytes) {
  scratch_.push_back(bytes);
  return static_cast<int>(scratch_.size()) - 1;
}

std::string Site::where() const {
  std::string text = "node " + std::to_string(node_index) + " " + std::string(op_name(*node));
  if (graph_index != 0) text += " in graph " + std::to_string(graph_index);
  return text;
}

std::unexpected<Error> Site::fail_at(ErrorCode code, fmt::string_view format, fmt::format_args args) const {
  return std::unexpected(Error{code, where() + ": " + fmt::vformat(format, args)});
}

std::unexpected<Error> run_error(std::string_view where, std::string_view message) {
  return std::unexpected(Error{ErrorCode::kRuntime, std::string(where) + ": " + std::string(message)});
}

}  // namespace tulle::ops
