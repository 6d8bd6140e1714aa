// Reads options: one walk over the fields of a table, whatever the table.
#include "formats/tflite_options.h"

#include <utility>
#include <vector>

#include "formats/tflite_schema.h"

namespace tulle::tflite {
namespace {

using flatbuffers::Vector;

Result<Symbol> to_symbol(const reflection::Enum& names, int64_t value) {
  const reflection::EnumVal* found = names.values()->LookupByKey(value);
  if (found == nullptr)
    return fail(ErrorCode::kInvalidFile, "{} is no {}", value, view(names.name()).substr(sizeof("tulle.fbs")));
  return Symbol{found->name()->str()};
}

Result<Attribute> read_vector(Source& source, const reflection::Field& field, const flatbuffers::Table& table) {
  const flatbuffers::voffset_t at = field.offset();
  switch (field.type()->element()) {
    case reflection::Bool: return source.list<bool>(table.GetPointer<const Vector<uint8_t>*>(at));
    case reflection::UByte: return source.list<std::byte>(table.GetPointer<const Vector<uint8_t>*>(at));
    case reflection::Float: return source.list<float>(table.GetPointer<const Vector<float>*>(at));
    default: break;
  }
  TULLE_TRY(std::vector<int64_t> numbers, with_integer(field.type()->element(), [&]<class T>(T) {
              return source.list<int64_t>(table.GetPointer<const Vector<T>*>(at));
            }));
  const reflection::Enum* names = enumeration(*field.type());
  if (names == nullptr) return numbers;
  std::vector<Symbol> symbols;
  TULLE_CHECK(source.take(numbers.size() * sizeof(Symbol)));
  symbols.reserve(numbers.size());
  for (int64_t number : numbers) {
    TULLE_TRY(Symbol symbol, to_symbol(*names, number));
    TULLE_CHECK(source.take(symbol.name.size() + 1));
    symbols.push_back(std::move(symbol));
  }
  return symbols;
}

Result<Attribute> read_field(Source& source, const reflection::Field& field, const flatbuffers::Table& table) {
  const flatbuffers::voffset_t at = field.offset();
  switch (field.type()->base_type()) {
    case reflection::Bool: return table.GetField<uint8_t>(at, field.default_integer() != 0) != 0;
    case reflection::Float: return table.GetField<float>(at, static_cast<float>(field.default_real()));
    case reflection::String: return source.text(table.GetPointer<const flatbuffers::String*>(at));
    case reflection::Vector: return read_vector(source, field, table);
    default: break;
  }
  const int64_t number = with_integer(field.type()->base_type(), [&]<class T>(T) {
    return static_cast<int64_t>(table.GetField<T>(at, static_cast<T>(field.default_integer())));
  });
  const reflection::Enum* names = enumeration(*field.type());
  if (names == nullptr) return number;
  TULLE_TRY(Symbol symbol, to_symbol(*names, number));
  TULLE_CHECK(source.take(symbol.name.size() + 1));
  return symbol;
}

}  // namespace

Result<Attributes> read_options(Source& source, const char* union_name, uint8_t type, const void* table) {
  const reflection::EnumVal* member = schema().enums()->LookupByKey(union_name)->values()->LookupByKey(type);
  if (member == nullptr) return fail(ErrorCode::kUnsupported, "options table {} is not known", type);
  if (table == nullptr) return fail(ErrorCode::kInvalidFile, "{} are absent", view(member->name()));
  const reflection::Object& object =
      *schema().objects()->Get(static_cast<flatbuffers::uoffset_t>(member->union_type()->index()));
  const auto& data = *static_cast<const flatbuffers::Table*>(table);

  Attributes attributes{member->name()->str(), {}};
  TULLE_CHECK(source.take(attributes.table.size() + object.fields()->size() * sizeof(attributes.entries[0])));
  attributes.entries.reserve(object.fields()->size());
  Result<void> result;
  each_field(object, [&](const reflection::Field& field) {
    if (!result || (is_reference(field) && !data.CheckField(field.offset()))) return;
    Result<Attribute> value = within(read_field(source, field, data), "{} of {}", view(field.name()), attributes.table);
    if (value) result = source.take(field.name()->size() + 1);
    if (value && result)
      attributes.entries.emplace_back(field.name()->str(), *std::move(value));
    else if (!value)
      result = std::unexpected(std::move(value).error());
  });
  TULLE_CHECK(std::move(result));
  return attributes;
}

}  // namespace tulle::tflite
