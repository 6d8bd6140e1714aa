// Options tables of .tflite operators to and from Attributes, driven by the embedded schema.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>

#include "base/result.h"
#include "formats/tflite_source.h"
#include "graph/attributes.h"

namespace tulle::tflite {

/// The two unions of an operator that hold options.
inline constexpr const char* kOptionsUnions[] = {"tulle.fbs.BuiltinOptions", "tulle.fbs.BuiltinOptions2"};

/// The options table that is member `type` of a union, field by field in the order of their ids. Scalars that the file
/// leaves out get the schema's default; vectors and strings that it leaves out stay out. Deprecated fields are dropped.
Result<Attributes> read_options(Source& source, const char* union_name, uint8_t type, const void* table);

/// An options table in a file being built.
struct WrittenOptions {
  int which = 0;     ///< index into kOptionsUnions
  uint8_t type = 0;  ///< member of that union; 0 where the attributes name no table
  flatbuffers::Offset<void> table;
};

/// Builds the table that the attributes name. Errors: no such table or field or enumerator, a value of another type, an
/// integer that the field can't hold, entries without a table.
Result<WrittenOptions> write_options(flatbuffers::FlatBufferBuilder& builder, const Attributes& attributes);

}  // namespace tulle::tflite
