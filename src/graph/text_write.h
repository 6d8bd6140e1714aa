// Writing the text form, piece by piece. Everything is appended.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "graph/graph.h"

namespace tulle::text {

void write(std::string& out, int64_t number);
/// The shortest decimal that reads back the same; always with a point, an exponent or a word, so that it is no integer.
void write(std::string& out, float number);
/// In double quotes.
void write(std::string& out, std::string_view text);
/// bytes[00ff…], in lines where there are many.
void write(std::string& out, std::span<const std::byte> bytes);
/// %12, or - for kAbsent.
void write_reference(std::string& out, int64_t value);
/// Table {name=value, …}, after a blank; nothing where there are neither table nor entries.
void write(std::string& out, const Attributes& attributes);
/// %3 "name" : int8[?,4] q(0.5 -128) buffer=7
void write(std::string& out, int32_t index, const Value& value);

/// The fields, as named in text_fields.h, in which the object differs from `said`, each as name=value, name(…) or, for
/// a flag, name, after a blank. For the types that stand on lines of their own.
template <class T>
void write_fields(std::string& out, const T& object, const T& said);

}  // namespace tulle::text
