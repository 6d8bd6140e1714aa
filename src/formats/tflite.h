// The .tflite format: read and write.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "graph/graph.h"

namespace tulle::tflite {

/// Reads a model without touching or copying its weights: buffers are views that `owner` keeps alive. (Bytes that do
/// not start at a multiple of 16, and constants not aligned to their elements, are copied.) Works for any bytes:
/// whatever is wrong with them comes back as an error that names what and where, and the memory taken is bounded by
/// their number. The result is verified. An options table is complete but for absent vectors and strings; a node
/// without one has an empty Attributes::table.
Result<Model> read(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

/// Opens and maps a file, and reads it.
Result<std::shared_ptr<const Model>> load(const std::string& path);

/// The most bytes of constants that stand among the tables; where there are more, all of them go behind the tables, as
/// files of over 2 GB have it.
inline constexpr size_t kMostInside = 2'000'000'000;

/// The model as the bytes of a file, always the same for the same model. read gives an equal model back, with options
/// filled in that were left to their defaults. Errors: kInvalidArgument for a model that does not verify, and for
/// options that the named table does not have.
Result<std::vector<std::byte>> write(const Model& model, size_t most_inside = kMostInside);

}  // namespace tulle::tflite
