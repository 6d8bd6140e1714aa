// How the parts of a model are spelt. Functions that only this file needs are static, so that all spellings overload
// one name.
#include "graph/text_write.h"

#include <fmt/core.h>

#include <bit>
#include <concepts>
#include <type_traits>

#include "graph/text_fields.h"
#include "graph/text_lexer.h"

namespace tulle::text {

void write(std::string& out, int64_t number) { out += std::to_string(number); }
void write(std::string& out, std::string_view text) { append_quoted(out, text, Token::kString); }
void write_reference(std::string& out, int64_t value) { out += value == kAbsent ? "-" : fmt::format("%{}", value); }

void write(std::string& out, float number) {
  if (number != number) {
    out += fmt::format("nan{:08x}", std::bit_cast<uint32_t>(number));
    return;
  }
  const std::string digits = fmt::format("{}", number);
  out += digits;
  if (digits.find_first_of(".ein") == std::string::npos) out += ".0";
}

void write(std::string& out, std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr size_t kLine = 48;
  out += "bytes[";
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i % kLine == 0 && bytes.size() > kLine) out += "\n    ";
    const auto byte = static_cast<uint8_t>(bytes[i]);
    (out += kDigits[byte >> 4]) += kDigits[byte & 15];
  }
  out += ']';
}

static void write_name(std::string& out, std::string_view name) {
  if (is_plain(name))
    out += name;
  else
    write(out, name);
}

static void write(std::string& out, std::integral auto number) { out += std::to_string(number); }
static void write(std::string& out, bool flag) { out += flag ? "true" : "false"; }
static void write(std::string& out, const std::string& text) { write(out, std::string_view(text)); }
static void write(std::string& out, const Symbol& symbol) {
  if (is_symbol(symbol.name))
    out += symbol.name;
  else
    append_quoted(out, symbol.name, Token::kSymbol);
}
template <class Enum>
  requires std::is_enum_v<Enum>
static void write(std::string& out, Enum value) {
  const auto index = static_cast<size_t>(value);
  out += index < names_of<Enum>().size() ? names_of<Enum>()[index] : "unknown";
}
static void write(std::string& out, const std::optional<Shape>& shape) { out += to_string(*shape); }

static void write(std::string& out, const Signature::Entry& entry) {
  write(out, entry.name);
  out += '=';
  write_reference(out, entry.value);
}
static void write(std::string& out, const Value::Variant& variant) {
  out += name(variant.dtype);
  out += to_string(variant.shape);
  write_fields(out, variant, {});
}
static void write(std::string& out, const Sparsity::Dimension& dimension) {
  out += '(';
  write_fields(out, dimension, {});
  out += ')';
}
static void write(std::string& out, const std::shared_ptr<const Sparsity>& sparsity) {
  out += '(';
  write_fields(out, *sparsity, {});
  out += ')';
}
static void write(std::string& out, const std::shared_ptr<const Quantization>& quantization) {
  const Quantization& q = *quantization;
  Quantization said;
  out += '(';
  if (q.scale.size() == 1 && q.zero_point.size() == 1) {  // the usual kind, for short
    write(out, q.scale[0]);
    out += ' ';
    write(out, q.zero_point[0]);
    said.scale = q.scale;
    said.zero_point = q.zero_point;
  }
  write_fields(out, q, said);
  out += ')';
}

template <class T>
static void write_list(std::string& out, const std::vector<T>& list, auto write_one) {
  out += '[';
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ',';
    write_one(static_cast<const T&>(list[i]));
  }
  out += ']';
}
template <class T>
static void write(std::string& out, const std::vector<T>& list) {
  write_list(out, list, [&](const T& element) { write(out, element); });
}
static void write(std::string& out, const std::vector<std::byte>& bytes) { write(out, std::span(bytes)); }
static void write_references(std::string& out, int32_t value) { write_reference(out, value); }
static void write_references(std::string& out, const std::vector<int32_t>& values) {
  write_list(out, values, [&](int32_t value) { write_reference(out, value); });
}

/// An empty list of attributes says of what it is a list.
template <class T>
static std::string_view empty_prefix(const std::vector<T>& list) {
  return list.empty() ? list_name<T>() : std::string_view();
}
static std::string_view empty_prefix(const auto&) { return {}; }

template <class T>
void write_fields(std::string& out, const T& object, const T& said) {
  Fields<T>::each([&]<class Field>(std::string_view name, const Field& field) {
    const auto& value = of(object, field);
    using Type = std::remove_cvref_t<decltype(value)>;
    if (value == of(said, field)) return;
    if (!out.ends_with('(')) out += ' ';
    out += name;
    if constexpr (!std::is_same_v<Type, bool>) {
      if (!kIsRecord<Type>) out += '=';
      if constexpr (kIsReference<Field>)
        write_references(out, value);
      else
        write(out, value);
    }
  });
}
template void write_fields(std::string&, const Model&, const Model&);
template void write_fields(std::string&, const Graph&, const Graph&);
template void write_fields(std::string&, const Value&, const Value&);
template void write_fields(std::string&, const Node&, const Node&);
template void write_fields(std::string&, const Signature&, const Signature&);
template void write_fields(std::string&, const Model::Metadata&, const Model::Metadata&);
template void write_fields(std::string&, const Model::ExternalBuffer&, const Model::ExternalBuffer&);

void write(std::string& out, const Attributes& attributes) {
  if (attributes.table.empty() && attributes.entries.empty()) return;
  out += ' ';
  write_name(out, attributes.table);
  out += " {";
  const char* separator = "";
  for (const auto& [name, value] : attributes.entries) {
    out += separator;
    write_name(out, name);
    out += '=';
    std::visit([&](const auto& held) { out += empty_prefix(held), write(out, held); }, value);
    separator = ", ";
  }
  out += '}';
}

/// Whether the signature is the shape with some dimensions unknown.
static bool marks_unknown(const Value& value) {
  if (!value.signature || value.signature->known() || value.signature->rank() != value.shape.rank()) return false;
  for (int i = 0; i < value.shape.rank(); ++i)
    if ((*value.signature)[i] != kUnknown && (*value.signature)[i] != value.shape[i]) return false;
  return true;
}

void write(std::string& out, int32_t index, const Value& value) {
  write_reference(out, index);
  out += ' ';
  write(out, value.name);
  out += " : ";
  out += name(value.dtype);
  Value said;
  if (marks_unknown(value)) said.signature = value.signature;
  const Shape& signature = said.signature ? *said.signature : value.shape;
  out += '[';
  for (int i = 0; i < value.shape.rank(); ++i) {
    if (i > 0) out += ',';
    if (signature[i] == kUnknown) out += '?';
    if (signature[i] != kUnknown || value.shape[i] != 1) write(out, value.shape[i]);
  }
  out += ']';
  write_fields(out, value, said);
}

}  // namespace tulle::text
