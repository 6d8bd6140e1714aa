// The embedded description of the .tflite schema, and scalars by their type in it.
#pragma once

#include <flatbuffers/flatbuffers.h>
#include <flatbuffers/reflection_generated.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace tulle::tflite {

/// The description as it was compiled, or the part of it that modules for one model have.
std::span<const uint8_t> schema_bytes();

inline const reflection::Schema& schema() { return *reflection::GetSchema(schema_bytes().data()); }

inline std::string_view view(const flatbuffers::String* text) { return {text->data(), text->size()}; }

/// The enumeration that gives a scalar, or the elements of a vector, their names; null for plain numbers.
inline const reflection::Enum* enumeration(const reflection::Type& type) {
  return type.index() < 0 ? nullptr : schema().enums()->Get(static_cast<flatbuffers::uoffset_t>(type.index()));
}

/// Whether the field holds an offset to something that stands elsewhere, and may be absent.
inline bool is_reference(const reflection::Field& field) { return field.type()->base_type() >= reflection::String; }

/// Calls f with a zero of the C++ type that stores integers of this base type, and returns what it returns.
template <class F>
auto with_integer(reflection::BaseType type, F&& f) {
  switch (type) {
    case reflection::Byte: return f(int8_t{});
    case reflection::Short: return f(int16_t{});
    case reflection::UShort: return f(uint16_t{});
    case reflection::Int: return f(int32_t{});
    case reflection::UInt: return f(uint32_t{});
    case reflection::Long: return f(int64_t{});
    default: return f(uint8_t{});
  }
}

/// Calls f with every field of a table that is in use, in the order of their ids.
template <class F>
void each_field(const reflection::Object& object, F&& f) {
  // The schema sorts fields by name.
  const auto& fields = *object.fields();
  for (flatbuffers::uoffset_t id = 0; id < fields.size(); ++id)
    for (const reflection::Field* field : fields)
      if (field->id() == id && !field->deprecated()) f(*field);
}

}  // namespace tulle::tflite
