// Where a .tflite file is damaged.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstddef>
#include <span>
#include <string>

namespace tulle::tflite {

/// The first place, in the order of the schema, where the structure of a file breaks, and what is wrong there:
/// "subgraphs[0].tensors[3].name lies outside the file". It checks what FlatBuffers' verification checks, under the
/// same limits, but by the embedded schema, so that it knows the names. Where it finds nothing it says so.
std::string find_damage(std::span<const std::byte> bytes, const flatbuffers::Verifier::Options& limits);

}  // namespace tulle::tflite
