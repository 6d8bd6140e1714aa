// Where a .tflite file is damaged.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tulle::tflite {

/// The first place, in the order of the schema, where the structure of a file breaks, and what is wrong there:
/// "subgraphs[0].tensors[3].name lies outside the file"; empty where every table, string and vector lies inside. It
/// checks what FlatBuffers' generated verification checks, but by the embedded schema, so that it knows the names.
/// Members of unions that the schema does not know are not looked at, and not to be read. Reads no constants: a vector
/// of bytes is checked by its ends.
std::string find_damage(std::span<const std::byte> bytes);

}  // namespace tulle::tflite
