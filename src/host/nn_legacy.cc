// wasi_nn as WAMR had it before it took up wasi_ephemeral_nn: tensors of 12 bytes whose size follows from type and
// shape, outputs counted in floats. Guests know floats alone: codes of quantised models are made and undone here.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "host/nn_calls.h"

namespace tulle::host {
namespace {

constexpr uint32_t kTensor = 12, kArray = 8;
/// This interface's numbers of types, and how many bytes an element has.
constexpr uint8_t kFloat32 = 1;
constexpr uint32_t kWidths[] = {2, 4, 1, 4};

/// Whether elements of this type travel as floats.
bool is_code(const Tensor& tensor) {
  return (tensor.dtype == DType::kUint8 || tensor.dtype == DType::kInt8) && tensor.scale() > 0;
}

/// Codes of floats, rounded down as WAMR does, and kept in range; of what is no number the lowest.
template <class Code>
void to_codes(std::span<const std::byte> floats, const Tensor& tensor, std::vector<std::byte>& codes) {
  const auto zero = static_cast<float>(tensor.zero_point());
  for (size_t i = 0; i < codes.size(); ++i) {
    float value;
    std::memcpy(&value, &floats[i * sizeof value], sizeof value);
    const float code = std::floor(value / tensor.scale() + zero);
    constexpr float kLow = std::numeric_limits<Code>::min(), kHigh = std::numeric_limits<Code>::max();
    codes[i] = static_cast<std::byte>(static_cast<Code>(code >= kLow ? std::min(code, kHigh) : kLow));
  }
}

/// Shape and place of a tensor.
struct Record {
  std::array<uint32_t, kMaxRank> dims;
  uint32_t rank;
  uint8_t type;
  std::span<const std::byte> data;
};

NnResult<void> read_record(NnCall& call, uint32_t at, Record& record) {
  const auto bytes = bytes_at(call, at, kTensor);
  if (!bytes) return outside("the tensor");
  const auto list = bytes_at(call, word_in(*bytes, 0), kArray);
  if (!list) return outside("the list of dimensions");
  record.rank = word_in(*list, 4);
  record.type = static_cast<uint8_t>((*bytes)[4]);
  const auto dims = bytes_at(call, word_in(*list, 0), uint64_t{record.rank} * kWord);
  if (!dims) return outside("the dimensions");
  if (record.rank > record.dims.size())
    return refuse(Errno::kInvalidArgument, "{} dimensions, at most {}", record.rank, kMaxRank);
  if (record.type >= std::size(kWidths)) return refuse(Errno::kInvalidArgument, "type {} is none", record.type);
  uint64_t size = kWidths[record.type];
  for (uint32_t i = 0; i < record.rank; ++i) {
    record.dims[i] = word_in(*dims, i * size_t{kWord});
    // What is larger than memory lies outside, however large it is.
    size = std::min<uint64_t>(size * record.dims[i], uint64_t{1} << 32);
  }
  const auto data = bytes_at(call, word_in(*bytes, 8), size);
  if (!data) return outside("the data of the tensor");
  record.data = *data;
  return {};
}

int32_t load(NnCall& call, const uint32_t* a) {
  return answer(call, [&]() -> NnResult<void> {
    const auto array = bytes_at(call, a[0], kArray);
    if (!array) return outside("the list of parts");
    const auto model = part_at(call, word_in(*array, 0), word_in(*array, 4));
    if (!model) return std::unexpected(model.error());
    return give_number(call, a[3], [&] { return call.nn.load(*model, a[1], a[2]); });
  }());
}

int32_t set_input(NnCall& call, const uint32_t* a) {
  return with_attached_context(call, a[0], [&](NnContext& context) -> NnResult<void> {
    Record record;
    if (auto read = read_record(call, a[2], record); !read) return read;
    const Tensor* input = context.input(a[1]);
    NnTensor tensor{{record.dims.data(), record.rank}, record.type, record.data};
    std::vector<std::byte> codes;
    if (input != nullptr && is_code(*input) && record.type == kFloat32) {
      codes.resize(record.data.size() / sizeof(float));
      input->dtype == DType::kInt8 ? to_codes<int8_t>(record.data, *input, codes)
                                   : to_codes<uint8_t>(record.data, *input, codes);
      constexpr uint8_t kBytes = 2;
      tensor.type = kBytes;
      tensor.data = codes;
    }
    return context.set_input(a[1], tensor);
  });
}

int32_t get_output(NnCall& call, const uint32_t* a) {
  return with_context(call, a[0], [&](NnContext& context) -> NnResult<void> {
    const auto bytes = context.output(a[1]);
    if (!bytes) return std::unexpected(bytes.error());
    const auto size = bytes_at(call, a[3], kWord);
    if (!size) return outside("the size");
    const Tensor& tensor = *context.output_tensor(a[1]);
    std::vector<float> reals;
    std::span<const std::byte> given = *bytes;
    if (is_code(tensor)) {
      for (const std::byte code : *bytes) {
        const int32_t value = tensor.dtype == DType::kInt8 ? static_cast<int8_t>(code) : static_cast<uint8_t>(code);
        reals.push_back(static_cast<float>(value - tensor.zero_point()) * tensor.scale());
      }
      given = std::as_bytes(std::span(reals));
    }
    return give(call, given, a[2], word_in(*size, 0), a[3], sizeof(float));
  });
}

constexpr std::string_view kModule = "wasi_nn";
constexpr DoorFunction kFunctions[] = {
    {kModule, "load", 4, load},
    {kModule, "load_by_name", 3, load_by_name},
    {kModule, "init_execution_context", 2, init_execution_context},
    {kModule, "set_input", 3, set_input},
    {kModule, "compute", 1, compute},
    {kModule, "get_output", 4, get_output},
};

}  // namespace

std::span<const DoorFunction> legacy_functions() { return kFunctions; }

}  // namespace tulle::host
