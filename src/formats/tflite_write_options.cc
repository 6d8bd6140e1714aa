// Writes options: one walk over the entries of Attributes, whatever the table.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "formats/tflite_options.h"
#include "formats/tflite_schema.h"

namespace tulle::tflite {
namespace {

Result<int64_t> to_number(const reflection::Enum& names, const Symbol& symbol) {
  for (const reflection::EnumVal* value : *names.values())
    if (view(value->name()) == symbol.name) return value->value();
  return fail(ErrorCode::kInvalidArgument, "{:?} is no {}", shown(symbol.name),
              view(names.name()).substr(sizeof("tulle.fbs")));
}

/// A field about to be written: a scalar, or the offset of a string or vector built before.
struct Slot {
  const reflection::Field* field;
  int64_t number = 0;
  float real = 0;
  flatbuffers::uoffset_t reference = 0;
};

template <class T>
Result<T> expect(const Attribute& value) {
  const T* found = std::get_if<T>(&value);
  if (found == nullptr) return fail(ErrorCode::kInvalidArgument, "the value is of another type");
  return *found;
}

Result<void> check_range(reflection::BaseType type, int64_t number) {
  if (!with_integer(type, [&]<class T>(T) { return std::in_range<T>(number); }))
    return fail(ErrorCode::kInvalidArgument, "{} does not fit its field", number);
  return {};
}

Result<flatbuffers::uoffset_t> write_vector(flatbuffers::FlatBufferBuilder& builder, const reflection::Type& type,
                                            const Attribute& value) {
  switch (type.element()) {
    case reflection::Bool: {
      TULLE_TRY(const std::vector<bool> flags, expect<std::vector<bool>>(value));
      return builder.CreateVector(std::vector<uint8_t>(flags.begin(), flags.end())).o;
    }
    case reflection::UByte: {
      TULLE_TRY(const std::vector<std::byte> bytes, expect<std::vector<std::byte>>(value));
      return builder.CreateVector(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()).o;
    }
    case reflection::Float: {
      TULLE_TRY(const std::vector<float> reals, expect<std::vector<float>>(value));
      return builder.CreateVector(reals).o;
    }
    default: break;
  }
  std::vector<int64_t> numbers;
  if (const reflection::Enum* names = enumeration(type)) {
    TULLE_TRY(const std::vector<Symbol> symbols, expect<std::vector<Symbol>>(value));
    for (const Symbol& symbol : symbols) {
      TULLE_TRY(const int64_t number, to_number(*names, symbol));
      numbers.push_back(number);
    }
  } else {
    TULLE_TRY(numbers, expect<std::vector<int64_t>>(value));
    for (int64_t number : numbers) TULLE_CHECK(check_range(type.element(), number));
  }
  return with_integer(type.element(), [&]<class T>(T) {
    return builder.CreateVector(std::vector<T>(numbers.begin(), numbers.end())).o;
  });
}

Result<Slot> write_field(flatbuffers::FlatBufferBuilder& builder, const reflection::Field& field,
                         const Attribute& value) {
  Slot slot{&field};
  const reflection::Type& type = *field.type();
  switch (type.base_type()) {
    case reflection::Bool: {
      TULLE_TRY(slot.number, expect<bool>(value));
      return slot;
    }
    case reflection::Float: {
      TULLE_TRY(slot.real, expect<float>(value));
      return slot;
    }
    case reflection::String: {
      TULLE_TRY(const std::string text, expect<std::string>(value));
      slot.reference = builder.CreateString(text).o;
      return slot;
    }
    case reflection::Vector: {
      TULLE_TRY(slot.reference, write_vector(builder, type, value));
      return slot;
    }
    default: break;
  }
  if (const reflection::Enum* names = enumeration(type)) {
    TULLE_TRY(const Symbol symbol, expect<Symbol>(value));
    TULLE_TRY(slot.number, to_number(*names, symbol));
  } else {
    TULLE_TRY(slot.number, expect<int64_t>(value));
    TULLE_CHECK(check_range(type.base_type(), slot.number));
  }
  return slot;
}

void place(flatbuffers::FlatBufferBuilder& builder, const Slot& slot) {
  const reflection::Field& field = *slot.field;
  if (is_reference(field)) {
    builder.AddOffset(field.offset(), flatbuffers::Offset<void>(slot.reference));
  } else if (field.type()->base_type() == reflection::Float) {
    // Compared as bits, so that -0 and NaN survive.
    const auto otherwise = static_cast<float>(field.default_real());
    if (std::bit_cast<uint32_t>(slot.real) != std::bit_cast<uint32_t>(otherwise))
      builder.AddElement<float>(field.offset(), slot.real);
  } else {
    with_integer(field.type()->base_type(), [&]<class T>(T) {
      builder.AddElement<T>(field.offset(), static_cast<T>(slot.number), static_cast<T>(field.default_integer()));
    });
  }
}

const reflection::Field* find_field(const reflection::Object& object, std::string_view name) {
  for (const reflection::Field* field : *object.fields())
    if (view(field->name()) == name && !field->deprecated()) return field;
  return nullptr;
}

Result<flatbuffers::Offset<void>> write_table(flatbuffers::FlatBufferBuilder& builder, const reflection::Object& object,
                                              const Attributes& attributes) {
  std::vector<Slot> slots;
  for (const auto& [name, value] : attributes.entries) {
    const reflection::Field* field = find_field(object, name);
    if (field == nullptr)
      return fail(ErrorCode::kInvalidArgument, "{} has no field {:?}", attributes.table, shown(name));
    if (std::ranges::any_of(slots, [&](const Slot& slot) { return slot.field == field; }))
      return fail(ErrorCode::kInvalidArgument, "{} is given twice", name);
    TULLE_TRY(const Slot slot, within(write_field(builder, *field, value), "{} of {}", name, attributes.table));
    slots.push_back(slot);
  }
  std::ranges::sort(slots, {}, [](const Slot& slot) { return slot.field->id(); });
  const flatbuffers::uoffset_t start = builder.StartTable();
  for (const Slot& slot : slots) place(builder, slot);
  return flatbuffers::Offset<void>(builder.EndTable(start));
}

}  // namespace

Result<WrittenOptions> write_options(flatbuffers::FlatBufferBuilder& builder, const Attributes& attributes) {
  if (attributes.table.empty()) {
    if (!attributes.entries.empty())
      return fail(ErrorCode::kInvalidArgument, "options without the name of their table: {:?}",
                  shown(attributes.entries[0].first));
    return WrittenOptions{};
  }
  for (int which = 0; which < 2; ++which)
    for (const reflection::EnumVal* member : *schema().enums()->LookupByKey(kOptionsUnions[which])->values()) {
      if (member->value() == 0 || view(member->name()) != attributes.table) continue;
      const auto index = static_cast<flatbuffers::uoffset_t>(member->union_type()->index());
      TULLE_TRY(const auto table, write_table(builder, *schema().objects()->Get(index), attributes));
      return WrittenOptions{which, static_cast<uint8_t>(member->value()), table};
    }
  return fail(ErrorCode::kInvalidArgument, "there is no options table {:?}", shown(attributes.table));
}

}  // namespace tulle::tflite
