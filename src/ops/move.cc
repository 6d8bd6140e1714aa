// Packed elements and strings, lent a form that a move of whole bytes can handle.
#include "ops/move.h"

#include <algorithm>
#include <memory>

#include "ops/packed.ref.h"
#include "ops/string_tensor.h"

namespace tulle::ops {
namespace {

/// An operand that a tensor in scratch memory stands in for.
struct StandIn {
  int operand, scratch, bits;  ///< bits of a packed element; 0 for strings
  Tensor tensor;
};

struct Lent {
  std::vector<StandIn> inputs, outputs;
  std::vector<Tensor*> input_pointers, output_pointers;
  std::string where;
};

bool is_whole(const Tensor& tensor) { return bits(tensor.dtype) >= 8; }

std::vector<StandIn> stand_ins(std::span<Tensor* const> tensors) {
  std::vector<StandIn> list;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i] == nullptr || is_whole(*tensors[i])) continue;
    StandIn& in = list.emplace_back(static_cast<int>(i), 0, bits(tensors[i]->dtype), *tensors[i]);
    in.tensor.dtype = in.bits == 0 ? DType::kInt32 : DType::kInt8;
    in.tensor.bytes = static_cast<uint64_t>(byte_size(in.tensor.dtype, in.tensor.elements()));
    in.tensor.data = nullptr;
  }
  return list;
}

void pack(const StandIn& out, const Tensor& packed) {
  const auto* from = out.tensor.as<const uint8_t>();
  auto* to = packed.as<uint8_t>();
  const int per_byte = 8 / out.bits, mask = (1 << out.bits) - 1;
  std::fill_n(to, packed.bytes, uint8_t{0});
  for (int64_t i = 0, count = out.tensor.elements(); i < count; ++i)
    to[i / per_byte] = static_cast<uint8_t>(to[i / per_byte] | (from[i] & mask) << (i % per_byte * out.bits));
}

/// The string that a number handed out by the kernel below stands for.
std::string_view numbered(const Io& io, const Lent& lent, int64_t number) {
  for (const StandIn& in : lent.inputs) {
    if (in.bits != 0) continue;
    const int64_t count = in.tensor.elements();
    if (number < count) return string_at(*io.inputs[in.operand], number);
    number -= count;
  }
  return {};
}

Result<void> write_strings(const Io& io, const Lent& lent, const StandIn& out) {
  const auto* numbers = out.tensor.as<const int32_t>();
  const int64_t count = out.tensor.elements();
  int64_t bytes = string_header_bytes(count);
  for (int64_t i = 0; i < count; ++i) {
    bytes += static_cast<int64_t>(numbered(io, lent, numbers[i]).size());
    if (bytes > INT32_MAX) return run_error(lent.where, "the strings of an output would take over 2 GiB");
  }
  Tensor& tensor = *io.outputs[out.operand];
  TULLE_CHECK(io.host->resize(tensor, out.tensor.shape, static_cast<size_t>(bytes)));
  auto* header = tensor.as<int32_t>();
  auto at = static_cast<int32_t>(string_header_bytes(count));
  header[0] = static_cast<int32_t>(count);
  for (int64_t i = 0; i < count; ++i) {
    const std::string_view text = numbered(io, lent, numbers[i]);
    header[1 + i] = at;
    std::copy(text.begin(), text.end(), tensor.as<char>() + at);
    at += static_cast<int32_t>(text.size());
  }
  header[1 + count] = at;
  return {};
}

Result<void> run_lent(const Io& io, Lent& lent, Kernel& kernel) {
  std::copy(io.inputs.begin(), io.inputs.end(), lent.input_pointers.begin());
  std::copy(io.outputs.begin(), io.outputs.end(), lent.output_pointers.begin());
  int32_t number = 0;
  for (StandIn& in : lent.inputs) {
    const Tensor& tensor = *io.inputs[in.operand];
    in.tensor.data = io.scratch[in.scratch];
    lent.input_pointers[in.operand] = &in.tensor;
    if (in.bits != 0) {
      tulle_unpack(tensor.as<uint8_t>(), in.bits, in.tensor.elements(), in.tensor.as<int8_t>());
      continue;
    }
    if (!holds_strings(tensor))
      return run_error(lent.where, fmt::format("input {} is no well-formed string tensor", in.operand));
    for (int64_t i = 0, count = in.tensor.elements(); i < count; ++i) in.tensor.as<int32_t>()[i] = number++;
  }
  for (StandIn& out : lent.outputs) {
    out.tensor.data = io.scratch[out.scratch];
    lent.output_pointers[out.operand] = &out.tensor;
  }
  TULLE_CHECK(kernel(Io{lent.input_pointers, lent.output_pointers, io.scratch, io.host, io.pool}));
  for (const StandIn& out : lent.outputs) {
    if (out.bits == 0)
      TULLE_CHECK(write_strings(io, lent, out));
    else
      pack(out, *io.outputs[out.operand]);
  }
  return {};
}

}  // namespace

Result<void> set_moved_shape(Site& site, int i, const Shape& shape) {
  TULLE_CHECK(site.set_shape(i, shape));
  return site.out(i).dtype == DType::kString ? site.defer() : Result<void>{};
}

Result<Kernel> move_elements(Site& site, Result<Kernel> (*prepare)(Site& site)) {
  auto lent =
      std::make_unique<Lent>(stand_ins(site.inputs), stand_ins(site.outputs), site.inputs, site.outputs, site.where());
  if (lent->inputs.empty() && lent->outputs.empty()) return prepare(site);
  int64_t strings = 0;
  Site whole = site;
  for (StandIn& in : lent->inputs) {
    whole.inputs[in.operand] = &in.tensor;
    if (in.bits == 0) strings += in.tensor.elements();
  }
  if (strings > INT32_MAX) return site.unsupported("{} strings in all inputs together", strings);
  for (StandIn& out : lent->outputs) whole.outputs[out.operand] = &out.tensor;
  TULLE_TRY(Kernel kernel, prepare(whole));
  for (uint64_t bytes : whole.scratch_sizes()) site.scratch(bytes);
  for (StandIn& in : lent->inputs) in.scratch = site.scratch(in.tensor.bytes);
  for (StandIn& out : lent->outputs) out.scratch = site.scratch(out.tensor.bytes);
  return [kernel = std::move(kernel), lent = std::move(lent)](const Io& io) mutable {
    return run_lent(io, *lent, kernel);
  };
}

}  // namespace tulle::ops
