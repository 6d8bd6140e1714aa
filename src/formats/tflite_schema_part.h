// The part of the schema's description that some files are read by.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace tulle::tflite {

/// A description by which files are read whose operators have no options tables but those that the model's operators
/// have; others are "not known" to it. As long as the whole description, with zeros at its end.
std::vector<uint8_t> schema_part(const Model& model);

}  // namespace tulle::tflite
