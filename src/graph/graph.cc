// Names of operators and equality of models.
#include "graph/graph.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>

#include "base/result.h"

namespace tulle {
namespace {

constexpr std::string_view kBuiltins[] = {
#define BUILTIN(code, name) #name,
#include "graph/builtins.def"
#undef BUILTIN
};
static_assert(std::size(kBuiltins) == kBuiltinCount);

template <class T>
bool same(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

struct AlignedBytes {
  std::byte* data;
  explicit AlignedBytes(size_t size) : data(static_cast<std::byte*>(::operator new(size, std::align_val_t{64}))) {}
  ~AlignedBytes() { ::operator delete(data, std::align_val_t{64}); }
};

}  // namespace

std::string_view builtin_name(int32_t code) {
  return code >= 0 && code < kBuiltinCount ? kBuiltins[code] : std::string_view();
}

std::optional<int32_t> parse_builtin(std::string_view name) {
  const auto* found = std::find(std::begin(kBuiltins), std::end(kBuiltins), name);
  if (found == std::end(kBuiltins)) return std::nullopt;
  return static_cast<int32_t>(found - std::begin(kBuiltins));
}

std::string_view op_name(const Node& node) {
  return node.op == kCustomOp ? std::string_view(node.custom) : builtin_name(node.op);
}

std::string label(const Node& node) {
  return node.op == kCustomOp ? fmt::format("{:?}", shown(node.custom)) : std::string(op_name(node));
}

bool Value::operator==(const Value& other) const {
  return name == other.name && dtype == other.dtype && shape == other.shape && signature == other.signature &&
         has_rank == other.has_rank && buffer == other.buffer && is_variable == other.is_variable &&
         same(quantization, other.quantization) && same(sparsity, other.sparsity) && variants == other.variants &&
         external_buffer == other.external_buffer;
}

Buffer Buffer::copy(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  auto owner = std::make_shared<const AlignedBytes>(bytes.size());
  std::memcpy(owner->data, bytes.data(), bytes.size());
  return {{owner->data, bytes.size()}, owner};
}

bool Buffer::operator==(const Buffer& other) const {
  return bytes.size() == other.bytes.size() &&
         (bytes.data() == other.bytes.data() || std::equal(bytes.begin(), bytes.end(), other.bytes.begin()));
}

std::span<const std::byte> Model::find_metadata(std::string_view name) const {
  for (const Metadata& entry : metadata)
    if (entry.name == name) return buffers[entry.buffer].bytes;
  return {};
}

int64_t byte_size(DType type, int64_t elements) {
  return (elements / 8) * bits(type) + ((elements % 8) * bits(type) + 7) / 8;
}

}  // namespace tulle
