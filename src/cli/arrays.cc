// Filling a session's inputs: from files, from a seed, from another session.
#include "cli/arrays.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/half.h"
#include "cli/strings.h"
#include "graph/packed.h"

namespace tulle::cli {
namespace {

uint64_t next(uint64_t& state) {  // SplitMix64 (Steele, Lea, Flood 2014)
  uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

template <class T>
std::vector<std::byte> as_bytes(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

const Value& value_of(const Session& session, const Port& port) {
  return session.model().graphs[session.graph()].values[port.value];
}

/// Position among the session's inputs of a port's name, a tensor's name or a decimal position among the ports.
Result<int> find_input(const Session& session, const Ports& ports, std::string_view name) {
  for (const NamedPort& port : ports.inputs)
    if (port.name == name) return port.position;
  for (size_t i = 0; i < session.inputs().size(); ++i)
    if (value_of(session, session.inputs()[i]).name == name) return static_cast<int>(i);
  size_t position = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), position);
  if (error == std::errc() && end == name.data() + name.size() && position < ports.inputs.size())
    return ports.inputs[position].position;
  std::string names;
  for (const NamedPort& port : ports.inputs) names += (names.empty() ? "" : ", ") + port.name;
  return fail(ErrorCode::kNotFound, "no input '{}'; there are {}: {}", name, ports.inputs.size(), names);
}

Result<Array> read_input(const Tensor& tensor, const std::string& path, const std::string& name) {
  TULLE_TRY(Array array, tensor.dtype == DType::kString ? read_strings(path) : read_npy(path));
  if (array.dtype != array_type(tensor.dtype))
    return fail(ErrorCode::kInvalidArgument, "{}: an array of {}, input '{}' takes {}", path, tulle::name(array.dtype),
                name, tulle::name(array_type(tensor.dtype)));
  if (packed(tensor.dtype)) array.bytes = pack(array.bytes, tensor.dtype);
  return array;
}

/// Reals in the tensor's type, quantised where it is.
Result<std::vector<std::byte>> from_reals(const std::vector<float>& reals, const Tensor& tensor) {
  if (tensor.dtype == DType::kFloat32) return as_bytes(reals);
  const auto quantize = [&]<class T>(T) {
    const double low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
    std::vector<T> codes;
    for (float real : reals) {
      const double q =
          std::round(static_cast<double>(real) / tensor.scale()) + static_cast<double>(tensor.zero_point());
      codes.push_back(static_cast<T>(std::isnan(q) ? 0 : std::clamp(q, low, high)));
    }
    return as_bytes(codes);
  };
  if (tensor.scale() > 0 && tensor.dtype == DType::kInt8) return quantize(int8_t{});
  if (tensor.scale() > 0 && tensor.dtype == DType::kUint8) return quantize(uint8_t{});
  if (tensor.scale() > 0 && tensor.dtype == DType::kInt16) return quantize(int16_t{});
  return fail(ErrorCode::kInvalidArgument, "no way to turn reals into {}", name(tensor.dtype));
}

}  // namespace

Ports name_ports(const Session& session, const std::string& signature) {
  const auto& signatures = session.model().signatures;
  const auto found = std::ranges::find(signatures, signature, &Signature::key);
  const auto named = [&](std::span<const Port> ports, const std::vector<Signature::Entry>& entries) {
    std::vector<NamedPort> out;
    for (const Signature::Entry& entry : entries)
      for (size_t i = 0; i < ports.size(); ++i)
        if (ports[i].value == static_cast<int32_t>(entry.value)) {
          out.push_back({entry.name, static_cast<int>(i)});
          break;
        }
    return out;
  };
  const auto own = [&](std::span<const Port> ports) {
    std::vector<NamedPort> out;
    for (size_t i = 0; i < ports.size(); ++i) out.push_back({value_of(session, ports[i]).name, static_cast<int>(i)});
    return out;
  };
  if (signature.empty() || found == signatures.end()) return {own(session.inputs()), own(session.outputs())};
  return {named(session.inputs(), found->inputs), named(session.outputs(), found->outputs)};
}

Result<std::vector<bool>> set_inputs(Session& session, const Ports& ports, const std::vector<std::string>& arguments,
                                     const std::string& model) {
  std::vector<bool> set(session.inputs().size());
  std::vector<std::pair<int, Array>> arrays;
  std::string shapes;
  for (const std::string& argument : arguments) {
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals), path = argument.substr(equals + 1);
    TULLE_TRY(const int position, in_file(model, find_input(session, ports, name)));
    if (set[position]) return fail(ErrorCode::kInvalidArgument, "{}: input '{}' is given twice", path, name);
    set[position] = true;
    TULLE_TRY(Array array, read_input(session.input(position), path, name));
    TULLE_CHECK(in_file(path, session.resize(position, array.shape)));
    shapes += fmt::format("{}{} {}", shapes.empty() ? "" : ", ", path, to_string(array.shape));
    arrays.emplace_back(position, std::move(array));
  }
  if (auto prepared = session.prepare(); !prepared)
    return fail(prepared.error().code, "{}: not shapes that {} takes: {}", shapes, model, prepared.error().message);
  for (const auto& [position, array] : arrays) TULLE_CHECK(in_file(model, session.set_input(position, array.bytes)));
  return set;
}

Result<void> randomise_inputs(Session& session, uint64_t seed, const std::vector<bool>& set) {
  for (int i = 0; i < static_cast<int>(session.inputs().size()); ++i) {
    if (static_cast<size_t>(i) < set.size() && set[i]) continue;
    const Tensor& tensor = session.input(i);
    if (!tensor.shape.known())
      return fail(ErrorCode::kInvalidArgument, "input '{}' is {}: give an array that says what ? is",
                  shown(tensor.name), to_string(tensor.shape));
    uint64_t state = seed + static_cast<uint64_t>(i) * 0xD1342543DE82EF95u;
    const auto count = static_cast<size_t>(tensor.elements());
    std::vector<std::byte> bytes;
    const auto fill = [&]<class T>(T, auto make) {
      std::vector<T> values(count);
      for (T& value : values) value = make(next(state));
      bytes = as_bytes(values);
    };
    const auto real = [](uint64_t r) { return static_cast<float>(r >> 40) * 0x1p-23f - 1.0f; };
    switch (tensor.dtype) {
      case DType::kFloat32: fill(float{}, real); break;
      case DType::kFloat64: fill(double{}, real); break;
      case DType::kFloat16: fill(uint16_t{}, [&](uint64_t r) { return float_to_half(real(r)); }); break;
      case DType::kBool: fill(uint8_t{}, [](uint64_t r) { return static_cast<uint8_t>(r >> 63); }); break;
      case DType::kInt32: fill(int32_t{}, [](uint64_t r) { return static_cast<int32_t>(r >> 57); }); break;
      case DType::kInt64: fill(int64_t{}, [](uint64_t r) { return static_cast<int64_t>(r >> 57); }); break;
      case DType::kUint32: fill(uint32_t{}, [](uint64_t r) { return static_cast<uint32_t>(r >> 57); }); break;
      case DType::kUint64: fill(uint64_t{}, [](uint64_t r) { return r >> 57; }); break;
      case DType::kString: bytes = encode_strings(std::vector<std::string>(count)); break;
      default:
        bytes.resize(tensor.bytes);
        for (std::byte& b : bytes) b = static_cast<std::byte>(next(state) >> 56);
    }
    TULLE_CHECK(session.set_input(i, bytes));
  }
  return {};
}

Result<void> copy_input(const Session& from, Session& to, int i) {
  const Tensor& source = from.input(i);
  TULLE_CHECK(to.resize(i, source.shape));
  TULLE_CHECK(to.prepare());
  const Tensor& target = to.input(i);
  const bool same =
      source.dtype == target.dtype && source.scale() == target.scale() && source.zero_point() == target.zero_point();
  if (same) return to.set_input(i, {source.data, source.bytes});
  TULLE_TRY(const auto values, reals(source));
  TULLE_TRY(const auto bytes, from_reals(values, target));
  return to.set_input(i, bytes);
}

}  // namespace tulle::cli
